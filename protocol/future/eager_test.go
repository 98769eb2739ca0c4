package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

// eager makes a page that behaves as matrix-widget-api does.
func eager(c *Config) { c.Session.Eager = true }

func askOpenID(p *page) int32 {
	return p.call(Request, message{"action": "get_openid", "data": message{}})
}

func TestEagerRequestsGoOutBeforeTheNegotiation(t *testing.T) {
	p := embedded(t, protocol.Auto, eager, func(c *Config) { c.Session.ManualContentLoaded = true })
	early := askOpenID(p)
	if p.actions() != "" {
		t.Fatalf("posted %q before the start", p.actions())
	}
	p.start()
	late := askOpenID(p)
	event := p.call(SendEvent, message{"type": member, "stateKey": key, "content": message{}})
	if got := p.actions(); got != "supported_api_versions get_openid get_openid" {
		t.Fatalf("posted %q", got)
	}
	p.answer("get_openid", message{"state": "blocked"})
	p.succeeds(early)
	p.answer("get_openid", refusing("no"))
	p.fails(late, "host", "no")
	if _, ended := p.ended[event]; ended {
		t.Fatal("an event did not wait for the negotiation: Rust hosts never answer it before")
	}
	p.take("supported_api_versions")
	p.notify(nil, everything...)
	if got := p.actions(); got != "send_event" {
		t.Fatalf("posted %q", got)
	}
}

func TestEagerRequestsWaitForAHostThatCanBePostedTo(t *testing.T) {
	p := embedded(t, protocol.Auto, eager, func(c *Config) { c.Session.HostKnown = false })
	p.start()
	call := askOpenID(p)
	if p.actions() != "" {
		t.Fatalf("posted %q to nobody", p.actions())
	}
	p.request("visibility", message{"visible": true})
	if got := p.actions(); got != "supported_api_versions content_loaded get_openid" {
		t.Fatalf("posted %q", got)
	}
	p.answer("get_openid", message{"state": "blocked"})
	p.succeeds(call)
}

func TestEagerRequestsOutliveANegotiationThatFailed(t *testing.T) {
	p := embedded(t, protocol.Auto, eager)
	p.start()
	waits := p.call(SendEvent, message{"type": member, "stateKey": key, "content": message{}})
	p.pass(120000)
	p.fails(waits, "timeout", "negotiation")
	p.posts = nil
	call := askOpenID(p)
	p.answer("get_openid", message{"state": "blocked"})
	p.succeeds(call)

	p = embedded(t, protocol.Auto, eager, func(c *Config) { c.Session.HostKnown = false })
	p.start()
	waits = askOpenID(p)
	p.pass(120000)
	p.fails(waits, "timeout", "negotiation")
	p.fails(askOpenID(p), "timeout", "negotiation")
}

func TestEagerRequestsThatWaitForTheirTurnOutliveANegotiationThatFailed(t *testing.T) {
	p := embedded(t, protocol.Auto, eager, func(c *Config) { c.Session.MaxInFlight = 2 })
	p.start()
	p.take("supported_api_versions")
	p.pass(119000)
	posted := askOpenID(p)
	var waits [3]int32
	for i := range waits {
		waits[i] = p.call(Request, message{"action": "get_openid", "data": message{}, "deadlineMs": 9000.0})
	}
	p.pass(1000)
	p.answer("get_openid", message{"state": "blocked"})
	p.succeeds(posted)
	for _, call := range waits {
		p.answer("get_openid", message{"state": "blocked"})
		p.succeeds(call)
	}
}

func TestEagerNegotiationEndsWithTheHostsAcknowledgementAndTheNextOneStillWaits(t *testing.T) {
	p := negotiated(t, protocol.Auto, []string{"a"}, eager)
	first := p.call(RequestCapabilities, ask("b"))
	second := p.call(RequestCapabilities, ask("c"))
	p.answer(renegotiate, message{})
	p.succeeds(first)
	if p.actions() != "" {
		t.Fatalf("posted %q before the host decided", p.actions())
	}
	p.notify([]string{"b"}, "a", "b")
	p.answer(renegotiate, refusing("no"))
	p.fails(second, "host", "no")
}
