// Testcontrol is a control server for one node, which it gives as many peers as it is told to: tailscale's own
// testcontrol package with a map of our own.
//
//	testcontrol -cert FILE -key FILE
//
// serves nodes on port 443, over TLS, and on port 80 takes orders: POST /?peers=1000&changes=10 makes it 1,000 peers,
// of which some change ten times a second.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"
	"strconv"
	"sync"
	"time"

	"tailscale.com/tailcfg"
	"tailscale.com/tstest/integration/testcontrol"
)

func main() {
	cert := flag.String("cert", "", "")
	key := flag.String("key", "", "")
	flag.Parse()

	orders := &orders{changed: make(chan struct{})}
	server := &testcontrol.Server{
		ExplicitBaseURL: "https://localhost",
		MagicDNSDomain:  tailnet,
		DERPMap:         &tailcfg.DERPMap{},
	}
	server.AltMapStream = func(ctx context.Context, w testcontrol.MapStreamWriter, req *tailcfg.MapRequest) {
		if !req.Stream {
			w.SendMapMessage(&tailcfg.MapResponse{})
			return
		}
		if err := stream(ctx, server, orders, w, req); err != nil {
			log.Print(err)
		}
	}
	go func() { log.Fatal(http.ListenAndServe(":80", orders)) }()
	log.Fatal(http.ListenAndServeTLS(":443", *cert, *key, server))
}

// orders is how many peers there are to be, and how often a second some of them change.
type orders struct {
	mu             sync.Mutex
	peers, changes int
	// Closed at the next order.
	changed chan struct{}
}

func (o *orders) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	peers, err1 := strconv.Atoi(r.FormValue("peers"))
	changes, err2 := strconv.Atoi(r.FormValue("changes"))
	if err1 != nil || err2 != nil || peers < 0 || changes < 0 {
		http.Error(w, "peers and changes are numbers", http.StatusBadRequest)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.peers, o.changes = peers, changes
	close(o.changed)
	o.changed = make(chan struct{})
}

func (o *orders) get() (peers, changes int, changed <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.peers, o.changes, o.changed
}

// stream tells one node of its peers until it hangs up: all of them at first and at each order, and changes as they
// come.
func stream(ctx context.Context, s *testcontrol.Server, o *orders, w testcontrol.MapStreamWriter, req *tailcfg.MapRequest) error {
	alive := time.NewTicker(20 * time.Second)
	defer alive.Stop()
	for ctx.Err() == nil {
		peers, changes, changed := o.get()
		res, err := s.MapResponse(req)
		if err != nil || res == nil {
			return err
		}
		res.Peers = makePeers(peers)
		res.UserProfiles = append(res.UserProfiles, makeUsers()...)
		if err := w.SendMapMessage(res); err != nil {
			return err
		}
		var tick <-chan time.Time
		if changes > 0 && peers > 0 {
			ticker := time.NewTicker(time.Second / time.Duration(changes))
			defer ticker.Stop()
			tick = ticker.C
		}
		for round, ordered := 1, false; !ordered; {
			message := &tailcfg.MapResponse{KeepAlive: true}
			select {
			case <-ctx.Done():
				return nil
			case <-changed:
				ordered = true
				continue
			case <-alive.C:
			case <-tick:
				message = change(peers, round)
				round++
			}
			if err := w.SendMapMessage(message); err != nil {
				return err
			}
		}
	}
	return nil
}
