package future

import (
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

func TestHostWithoutApprovalNoticeIsReadyWhicheverComesFirst(t *testing.T) {
	versions := message{"supported_versions": []string{"0.0.1", "org.matrix.msc2762"}}
	for _, first := range []string{"versions", "capabilities"} {
		p := embedded(t, protocol.Auto)
		p.start()
		if first == "versions" {
			p.answer("supported_api_versions", versions)
			if p.ready != nil {
				t.Fatal("ready before the host asked for capabilities")
			}
			p.request("capabilities", message{})
		} else {
			p.request("capabilities", message{})
			p.answer("supported_api_versions", versions)
		}
		if p.ready == nil || !p.ready.ok {
			t.Errorf("%s first: readiness %v", first, p.ready)
		}
	}
}

func TestContentLoadedAfterAFailedHandshakeIsSettled(t *testing.T) {
	p := newPage(t, Config{}) // nothing is known of the host
	p.start()
	p.pass(120000)
	p.fails(p.call(ContentLoaded, message{}), "timeout", "negotiation")

	p = embedded(t, protocol.Auto, func(c *Config) { c.Session.ManualContentLoaded = true })
	p.start()
	p.pass(120000)
	call := p.call(ContentLoaded, message{}) // the host may only be waiting for it
	p.answer("content_loaded", message{})
	p.succeeds(call)
}

func TestUnacknowledgedRenegotiationDoesNotEndTheNext(t *testing.T) {
	p := negotiated(t, protocol.Auto, []string{"a"})
	first := p.call(RequestCapabilities, with(ask("b"), "deadlineMs", 100))
	second := p.call(RequestCapabilities, ask("c"))
	p.pass(100)
	p.fails(first, "timeout", "")
	if o, ended := p.ended[second]; ended {
		t.Fatalf("the next request ended with it: %v", o)
	}
	p.take(renegotiate)
	p.answer(renegotiate, message{})
	p.notify([]string{"c"}, "a", "c")
	p.succeeds(second)
}

func TestLateAcknowledgementOfARenegotiationIsNotTheNextOnes(t *testing.T) {
	p := negotiated(t, protocol.Auto, []string{"a"}, func(c *Config) { c.Session.HandshakeMs = 5000 })
	first := p.call(RequestCapabilities, ask("b"))
	second := p.call(RequestCapabilities, ask("c"))
	p.pass(5000)
	p.fails(first, "timeout", "")
	p.answer(renegotiate, refusing("of the first"))
	if o, ended := p.ended[second]; ended {
		t.Fatalf("ended by the first one's answer: %v", o)
	}
	p.notify([]string{"c"}, "a", "c")
	p.answer(renegotiate, message{})
	p.succeeds(second)
}

func TestRoomThatIsNotApprovedIsRefusedAlsoWhenTheVersionsComeLate(t *testing.T) {
	p := embedded(t, protocol.Auto, func(c *Config) {
		c.RoomID = protocol.Value{Kind: protocol.Text, ID: 1001, Str: room}
	})
	p.start()
	p.notify([]string{}, protocol.CapSendState+member)
	early := p.call(SendEvent, event)
	p.answer("send_event", message{"room_id": room, "event_id": "$e"})
	p.succeeds(early)
	p.answer("supported_api_versions", message{"supported_versions": hostVersions})
	p.fails(p.call(SendEvent, event), "capability", protocol.CapTimeline)
}

func TestKnownHostIsNotPinnedAndAnUnknownOneOnce(t *testing.T) {
	if p := negotiated(t, protocol.Auto, everything); p.pinned {
		t.Error("pinned another origin over the known one")
	}
	p := embedded(t, protocol.Auto, func(c *Config) { c.Session.HostKnown = false })
	p.start()
	p.receive(message{"api": "fromWidget", "widgetId": "w1", "requestId": prefix + "1", "action": "x", "response": message{}})
	p.receive(message{"api": "toWidget", "widgetId": "other", "requestId": "h", "action": "capabilities", "data": message{}})
	if p.pinned || p.actions() != "" {
		t.Fatal("pinned by what is no request to this widget")
	}
	p.request("capabilities", message{})
	if !p.pinned {
		t.Fatal("not pinned")
	}
	p.pinned = false
	p.request("capabilities", message{})
	if p.pinned {
		t.Error("pinned twice")
	}
}

func TestResponseThatJavaScriptTakesForFalseMakesNoAnswer(t *testing.T) {
	for _, response := range []any{nil, false, 0, ""} {
		p := negotiated(t, protocol.Auto, everything)
		call := p.call(SendEvent, event)
		m := with(p.posts[0])
		m["response"] = response
		p.receive(m)
		if o, ended := p.ended[call]; ended {
			t.Errorf("%v ended the call: %v", response, o)
		}
		before := len(p.replys)
		p.receive(message{"api": "toWidget", "widgetId": "w1", "requestId": "h", "action": "visibility", "data": message{}, "response": response})
		if len(p.replys) != before+1 {
			t.Errorf("a request with the response %v is not answered", response)
		}
	}
}

func TestFutureThatPassesTheGateDoesNotJumpTheQueue(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything, func(c *Config) { c.Session.MaxInFlight = 2 })
	p.call(SendFuture, future(5000))
	for n := range 3 {
		p.call(SendEvent, with(event, "content", message{"n": n}))
	}
	p.answerProbe()
	for n := range 3 {
		data := p.posts[0]["data"].(message)
		if data["delay"] != nil || data["content"].(message)["n"] != float64(n) {
			t.Fatalf("posted %v, not event %d", data, n)
		}
		p.answer("send_event", message{"room_id": room, "event_id": "$e"})
	}
	if p.posts[0]["data"].(message)["delay"] != 5000.0 {
		t.Fatalf("posted %v", p.posts)
	}
}

func TestTooManyCallsBehindThoseInFlightAreBusyAndTheRestGoOn(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything, func(c *Config) { c.Session.MaxInFlight = 1 })
	for range 1 + session.MaxWaiting {
		p.call(SendEvent, event)
	}
	p.fails(p.call(SendEvent, event), "busy", "")
	p.answer("send_event", message{"room_id": room, "event_id": "$e"})
	last := p.call(SendEvent, event)
	if o, ended := p.ended[last]; ended {
		t.Fatalf("refused although there is room again: %v", o)
	}
	p.close()
}

func TestRenegotiationWaitsForTheAbortedOneBeforeIt(t *testing.T) {
	p := negotiated(t, protocol.Auto, []string{"a"})
	p.abort(p.call(RequestCapabilities, ask("b")))
	second := p.call(RequestCapabilities, ask("c"))
	if p.actions() != renegotiate {
		t.Fatalf("posted %q: hosts mix parallel requests up", p.actions())
	}
	p.notify([]string{"b"}, "a", "b")
	p.take(renegotiate)
	p.answer(renegotiate, message{})
	p.notify([]string{"c"}, "a", "b", "c")
	p.succeeds(second)
}
