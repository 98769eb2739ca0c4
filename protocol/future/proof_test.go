package future

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

func TestProbeOfWhichOneRequestCouldNotBePostedProvesNothing(t *testing.T) {
	for leg, action := range []string{updateAction, "random.action"} {
		p := negotiated(t, protocol.Auto, everything)
		call := p.call(SendFuture, future(5000))
		var serial int32
		fmt.Sscanf(p.posts[leg]["requestId"].(string), prefix+"%d", &serial)
		p.c.Reset()
		p.c.PostFailed(p.now, serial)
		p.drain()
		p.take(action)
		p.answer([]string{"random.action", updateAction}[leg], refusing("Unknown action"))
		p.fails(call, "unsupported", "")
		if p.actions() != "" {
			t.Fatalf("posted %q", p.actions())
		}
	}
}

func TestProbeOfWhichOneRequestFoundNoPlaceProvesNothing(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything, func(c *Config) { c.Session.MaxInFlight = 1 })
	for range session.MaxWaiting { // one in flight, and room for one more to wait
		p.call(SendEvent, event)
	}
	call := p.call(SendFuture, future(5000))
	for range session.MaxWaiting {
		p.answer("send_event", message{"room_id": room, "event_id": "$e"})
	}
	for len(p.posts) > 0 {
		action := p.posts[0]["action"].(string)
		if action == "send_event" {
			t.Fatalf("posted %v to a host that knows no futures", p.posts[0])
		}
		p.answer(action, refusing("Unknown action: "+action))
	}
	p.fails(call, "unsupported", "")
}

func TestProofOfOneUpdateActionIsNoProofOfTheOther(t *testing.T) {
	const dotted = "org.matrix.msc4157.update.delayed_event"
	approved := []string{
		protocol.CapSendDelayed, protocol.CapUpdateDelayedDotted, protocol.CapTimeline + room, protocol.CapSendState + member,
	}
	p := negotiated(t, protocol.Auto, approved)
	p.call(SendFuture, future(5000))
	p.answer(dotted, refusing("Invalid request - missing delay_id"))
	p.answer("random.action", refusing("Unknown"))
	p.answer("send_event", message{"room_id": room, "delay_id": "d"})
	p.notify([]string{protocol.CapUpdateDelayed}, append(approved, protocol.CapUpdateDelayed)...)
	call := p.call(SendFuture, future(5000))
	if p.actions() != updateAction+" random.action" {
		t.Fatalf("posted %q without a probe of the other action", p.actions())
	}
	p.answer(updateAction, refusing("Unknown"))
	p.answer("random.action", refusing("Unknown"))
	p.fails(call, "unsupported", "like an unknown one")
}

func TestRawRequestIsNoWayRoundTheGateInAnyGeneration(t *testing.T) {
	for _, member := range []string{
		"delay", "timeout", "group_id", "future_timeout", "future_group_id", "parent_delay_id", "parent_future_id",
	} {
		p := negotiated(t, protocol.Auto, everything)
		call := p.call(Request, message{"action": "send_event", "data": message{member: "x"}})
		p.fails(call, "invalid", "data."+member)
		if p.actions() != "" {
			t.Errorf("posted %q", p.actions())
		}
	}
}

func TestFuturesThatWaitForAPlaceAreTakenBackWhenTheHostSendsOneAtOnce(t *testing.T) {
	p := negotiated(t, protocol.Futures, everything, func(c *Config) { c.Session.MaxInFlight = 1 })
	first := p.call(SendFuture, future(5000))
	waiting := []int32{p.call(SendFuture, future(5000)), p.call(SendFuture, future(6000))}
	other := p.call(SendEvent, event)
	p.answer("send_event", message{"room_id": room, "event_id": "$out"})
	p.fails(first, "sent_immediately", "")
	for _, call := range waiting {
		p.fails(call, "unsupported", "at once")
	}
	if data := p.posts[0]["data"].(message); len(p.posts) != 1 || data["timeout"] != nil {
		t.Fatalf("posted %v", p.posts)
	}
	p.answer("send_event", message{"room_id": room, "event_id": "$e"})
	p.succeeds(other)
}

func TestProbeOfAHostThatAcknowledgesAnythingProvesNothingWhateverItAdds(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	call := p.call(SendFuture, future(5000))
	p.answer(updateAction, message{"room_id": room, "delay_id": "d"})
	p.answer("random.action", message{})
	p.fails(call, "unsupported", "acknowledges actions that do not exist")
}

func TestProbeOfASilentHostSaysSo(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	call := p.call(SendFuture, future(5000))
	p.pass(10000)
	p.fails(call, "unsupported", "neither the action of delayed events nor an unknown one")
}

func TestGroupIDAloneIsNoProofAndADelayIDIsEvenBesideAnEventID(t *testing.T) {
	for _, test := range []struct {
		receipt message
		code    string
	}{
		{message{"room_id": room, "group_id": "g"}, "bad_response"},
		{message{"room_id": room, "future_group_id": "g", "event_id": ""}, "bad_response"},
		{message{"room_id": room, "group_id": "g", "event_id": "$e"}, "sent_immediately"},
		{message{"room_id": room, "delay_id": "d", "event_id": "$e"}, ""},
		{message{"room_id": room, "cancel_token": "c", "event_id": "$e"}, ""},
		{message{"room_id": room, "delay_id": "d", "event_id": 5}, ""},
	} {
		p := negotiated(t, protocol.Futures, everything)
		call := p.call(SendFuture, future(5000))
		p.answer("send_event", test.receipt)
		if got := p.ended[call]; got.code() != test.code || got.ok != (test.code == "") {
			t.Errorf("%v: %v", test.receipt, got)
		}
	}
}

func TestAnswerToARequestOrVerbThatIsNoObjectIsABadResponse(t *testing.T) {
	for _, response := range []any{"x", 5, true} {
		p := negotiated(t, protocol.Auto, everything)
		for kind, args := range map[CallKind]message{
			Request: {"action": updateAction}, RefreshFuture: delayedFuture, CancelFuture: delayedFuture, SendFutureNow: delayedFuture,
		} {
			call := p.call(kind, args)
			p.receive(with(p.take(updateAction), "response", response))
			p.fails(call, "bad_response", "response")
		}
	}
}

func TestProbeComparesWhatIsAnsweredNotWhatIsEchoed(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	call := p.call(SendFuture, future(5000))
	m := p.take(updateAction)
	data := with(m["data"].(message), "approved", []string{"x"})
	p.receive(with(m, "data", data, "extra", 1, "response", refusing("Unknown action: "+updateAction)))
	m = p.take("random.action")
	nothing := message{"room_id": json.RawMessage("null"), "event_id": "", "delay_id": json.RawMessage("null")}
	p.receive(with(m, "response", with(nothing, "error", message{"message": "Unknown action: random.action"})))
	p.fails(call, "unsupported", "not known to schedule")
}
