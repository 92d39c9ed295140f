package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"go4.org/mem"
	"tailscale.com/tailcfg"
	"tailscale.com/types/key"
)

const tailnet = "many.example"

// hostile are names that peers give themselves.
var hostile = func() (names []string) {
	if err := json.Unmarshal(hostileJSON, &names); err != nil {
		panic(err)
	}
	return names
}()

//go:embed hostile.json
var hostileJSON []byte

// makePeers makes the first of all peers: always the same, of which one in ten has a hostile name, and the third is
// one of 64 KB.
func makePeers(count int) []*tailcfg.Node {
	peers := make([]*tailcfg.Node, count)
	for i := range peers {
		peers[i] = makePeer(i)
	}
	return peers
}

func makePeer(i int) *tailcfg.Node {
	hostName := fmt.Sprintf("device-%d", i)
	if i%10 == 1 {
		hostName = hostile[i/10%len(hostile)]
	}
	address := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 100, byte(i >> 8), byte(i)}), 32)
	online := i%3 != 0
	node := &tailcfg.Node{
		ID:                tailcfg.NodeID(1_000_000 + i),
		StableID:          tailcfg.StableNodeID(fmt.Sprintf("nPeer%dCNTRL", i)),
		Name:              fmt.Sprintf("device-%d.%s.", i, tailnet),
		User:              tailcfg.UserID(1000 + i%len(hostile)),
		Key:               key.NodePublicFromRaw32(mem.B(raw(1, i))),
		Machine:           key.MachinePublicFromRaw32(mem.B(raw(2, i))),
		DiscoKey:          key.DiscoPublicFromRaw32(mem.B(raw(3, i))),
		MachineAuthorized: true,
		Addresses:         []netip.Prefix{address},
		AllowedIPs:        []netip.Prefix{address},
		KeyExpiry:         time.Date(2030, 1, 1, 0, 0, i, 0, time.UTC),
		Online:            &online,
		Hostinfo: (&tailcfg.Hostinfo{
			Hostname: hostName,
			OS:       "linux",
			Location: &tailcfg.Location{Country: hostile[i%len(hostile)], City: "City"},
		}).View(),
	}
	if !online {
		seen := time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC)
		node.LastSeen = &seen
	}
	if i == 2 {
		makeLarge(node)
	}
	return node
}

// makeLarge gives a peer lists of 64 KB.
func makeLarge(node *tailcfg.Node) {
	for i := range 1000 {
		route := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 8), byte(i), 0}), 24)
		node.PrimaryRoutes = append(node.PrimaryRoutes, route)
		node.AllowedIPs = append(node.AllowedIPs, route)
		node.Tags = append(node.Tags, fmt.Sprintf("tag:%d-%s", i, strings.Repeat("long", 8)))
	}
}

func makeUsers() []tailcfg.UserProfile {
	users := make([]tailcfg.UserProfile, len(hostile))
	for i, name := range hostile {
		users[i] = tailcfg.UserProfile{ID: tailcfg.UserID(1000 + i), LoginName: name + "@example", DisplayName: name}
	}
	return users
}

// change is one in which twenty peers come or go, and one has another name.
func change(peers, round int) *tailcfg.MapResponse {
	response := &tailcfg.MapResponse{OnlineChange: map[tailcfg.NodeID]bool{}}
	for i := range min(20, peers) {
		peer := (round/2*20 + i) % peers
		response.OnlineChange[tailcfg.NodeID(1_000_000+peer)] = round%2 == 0
	}
	renamed := makePeer(round % peers)
	hostinfo := renamed.Hostinfo.AsStruct()
	hostinfo.Hostname += fmt.Sprint(round)
	renamed.Hostinfo = hostinfo.View()
	response.PeersChanged = []*tailcfg.Node{renamed}
	return response
}

func raw(kind byte, i int) []byte {
	bytes := make([]byte, 32)
	bytes[0], bytes[1], bytes[2], bytes[3] = kind, byte(i>>8), byte(i), 1
	return bytes
}
