// Testcontrol is a control server for one node, which it gives as many peers as it is told to: tailscale's own
// testcontrol package with a map of our own; and a relay.
//
//	testcontrol -host ADDRESS -cert FILE -key FILE
//
// serves nodes on port 443, over TLS, and on port 80 takes orders: POST /?peers=1000&changes=10&relay=true makes it
// 1,000 peers, of which some change ten times a second, and puts the relay, at that address, into the map. With
// unapproved=true the node has to wait for its approval.
package main

import (
	"context"
	"flag"
	"log"
	"net/http"
	"strconv"
	"sync"
	"time"

	"tailscale.com/derp/derpserver"
	"tailscale.com/tailcfg"
	"tailscale.com/tstest/integration/testcontrol"
	"tailscale.com/types/key"
)

func main() {
	host := flag.String("host", "", "")
	cert := flag.String("cert", "", "")
	keyFile := flag.String("key", "", "")
	flag.Parse()

	orders := &orders{changed: make(chan struct{})}
	server := &testcontrol.Server{
		ExplicitBaseURL: "https://localhost",
		MagicDNSDomain:  tailnet,
	}
	relay := &tailcfg.DERPMap{Regions: map[int]*tailcfg.DERPRegion{1: {
		RegionID: 1, RegionCode: "relay", RegionName: "Relay",
		Nodes: []*tailcfg.DERPNode{{Name: "relay", RegionID: 1, HostName: *host, IPv4: *host, STUNPort: -1}},
	}}}
	server.AltMapStream = func(ctx context.Context, w testcontrol.MapStreamWriter, req *tailcfg.MapRequest) {
		if !req.Stream {
			w.SendMapMessage(&tailcfg.MapResponse{})
			return
		}
		if err := stream(ctx, server, relay, orders, w, req); err != nil {
			log.Print(err)
		}
	}
	mux := http.NewServeMux()
	derp := derpserver.Handler(derpserver.New(key.NewNode(), log.Printf))
	mux.Handle("/derp", derp)
	mux.Handle("/derp/", derp)
	mux.Handle("/", server)
	go func() { log.Fatal(http.ListenAndServe(":80", orders)) }()
	log.Fatal(http.ListenAndServeTLS(":443", *cert, *keyFile, mux))
}

// An order is how many peers there are to be, how often a second some of them change, whether there is a relay,
// and whether the node is yet to be approved.
type order struct {
	peers, changes    int
	relay, unapproved bool
}

type orders struct {
	mu   sync.Mutex
	last order
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
	o.last = order{
		peers: peers, changes: changes, relay: r.FormValue("relay") == "true",
		unapproved: r.FormValue("unapproved") == "true",
	}
	close(o.changed)
	o.changed = make(chan struct{})
}

func (o *orders) get() (last order, changed <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last, o.changed
}

// stream tells one node of its peers until it hangs up: all of them at first and at each order, and changes as they
// come.
func stream(
	ctx context.Context, s *testcontrol.Server, relays *tailcfg.DERPMap, o *orders, w testcontrol.MapStreamWriter, req *tailcfg.MapRequest,
) error {
	alive := time.NewTicker(20 * time.Second)
	defer alive.Stop()
	for ctx.Err() == nil {
		now, changed := o.get()
		res, err := s.MapResponse(req)
		if err != nil || res == nil {
			return err
		}
		res.Node.Online = new(true)
		res.Node.MachineAuthorized = !now.unapproved
		res.DERPMap = nil
		if now.relay {
			res.DERPMap = relays
		}
		res.Peers = makePeers(now.peers)
		res.UserProfiles = append(res.UserProfiles, makeUsers()...)
		if err := w.SendMapMessage(res); err != nil {
			return err
		}
		var tick <-chan time.Time
		if now.changes > 0 && now.peers > 0 {
			ticker := time.NewTicker(time.Second / time.Duration(now.changes))
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
				message = change(now.peers, round)
				round++
			}
			if err := w.SendMapMessage(message); err != nil {
				return err
			}
		}
	}
	return nil
}
