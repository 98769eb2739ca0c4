package future

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

const renegotiate = "org.matrix.msc2974.request_capabilities"

func ask(list ...string) message { return message{"capabilities": append([]string{}, list...)} }

func (p *page) notify(requested []string, approved ...string) {
	p.request("notify_capabilities", message{"requested": requested, "approved": approved})
}

func TestCapabilitiesAskedForBeforeTheHostAsksJoinItsList(t *testing.T) {
	p := embedded(t, protocol.None, func(c *Config) { c.RoomID = protocol.Value{} })
	call := p.call(RequestCapabilities, ask("early"))
	p.start()
	p.request("capabilities", message{})
	if got := fmt.Sprint(p.replys[0]["response"].(message)["capabilities"]); got != "[early]" {
		t.Fatalf("answered %v", got)
	}
	p.notify([]string{"early"}, "early")
	p.succeeds(call)
}

func TestCapabilitiesDeniedAtTheStartAreNotAskedForASecondTimeByTheSameCall(t *testing.T) {
	p := embedded(t, protocol.None)
	call := p.call(RequestCapabilities, ask("early"))
	p.start()
	p.answer("supported_api_versions", message{"supported_versions": hostVersions})
	p.request("capabilities", message{})
	p.take("content_loaded")
	p.notify([]string{"early"}, "other")
	p.succeeds(call)
	if p.actions() != "" {
		t.Fatalf("posted %q", p.actions())
	}
	p.call(RequestCapabilities, ask("early")) // somebody may have changed their mind
	if p.actions() != renegotiate {
		t.Fatalf("posted %q", p.actions())
	}
}

func TestApprovedCapabilitiesAreNotAskedForAgain(t *testing.T) {
	p := negotiated(t, protocol.Auto, []string{"a"})
	p.succeeds(p.call(RequestCapabilities, ask("a")))
	p.succeeds(p.call(RequestCapabilities, ask()))
	if p.actions() != "" {
		t.Fatalf("posted %q", p.actions())
	}
}

func TestRenegotiationsRunOneAfterTheOther(t *testing.T) {
	p := negotiated(t, protocol.Auto, []string{"a"})
	first := p.call(RequestCapabilities, ask("a", "b"))
	second := p.call(RequestCapabilities, ask("c"))
	if p.actions() != renegotiate {
		t.Fatalf("posted %q", p.actions())
	}
	if got := fmt.Sprint(p.posts[0]["data"].(message)["capabilities"]); got != "[b]" {
		t.Fatalf("asked for %v", got)
	}
	p.answer(renegotiate, message{})
	if len(p.ended) != 0 {
		t.Fatal("settled before the host decided")
	}
	p.notify([]string{"z"}, "a") // of somebody else's request
	if len(p.ended) != 0 {
		t.Fatal("settled by another request's notification")
	}
	p.notify([]string{"b"}, "a", "b")
	p.succeeds(first)
	p.notify([]string{"c"}, "a", "b") // decided before it acknowledged
	p.answer(renegotiate, message{})
	p.succeeds(second)
	if grants, _ := p.c.Grants(); grants.Has("c") || !grants.Has("b") {
		t.Fatalf("approved %v", p.c.Approved())
	}
}

func TestHostsDoubleNotificationEndsNoLaterRequest(t *testing.T) {
	p := negotiated(t, protocol.Auto, []string{"a"})
	first := p.call(RequestCapabilities, ask("b"))
	second := p.call(RequestCapabilities, ask("c"))
	p.answer(renegotiate, message{})
	p.notify([]string{"b"}, "a", "b")
	p.succeeds(first)
	p.notify([]string{"b"}, "a", "b")
	p.answer(renegotiate, message{})
	if _, ended := p.ended[second]; ended {
		t.Fatal("the double notification ended the next request")
	}
	p.notify([]string{"c"}, "a", "b", "c")
	p.succeeds(second)
}

func TestNotificationThatNothingIsNewEndsNoRequestForSomethingNew(t *testing.T) {
	p := negotiated(t, protocol.Auto, []string{"a"})
	call := p.call(RequestCapabilities, ask("b"))
	p.answer(renegotiate, message{})
	p.notify([]string{}, "a") // the second of two, for an earlier request
	if _, ended := p.ended[call]; ended {
		t.Fatal("ended although the host has not decided")
	}
	p.notify([]string{}, "a", "b") // approved meanwhile: there was nothing to ask
	p.succeeds(call)

	call = p.call(RequestCapabilities, ask("c"))
	p.answer(renegotiate, message{})
	p.request("notify_capabilities", message{"approved": []string{"a", "b"}}) // denied; the host says no more
	p.succeeds(call)
}

func TestWhatIsApprovedIsToldBeforeTheNotificationIsDelivered(t *testing.T) {
	p := negotiated(t, protocol.Auto, []string{"a"})
	before := p.facts
	p.notify(nil, "a", "b")
	if p.knew != before+1 {
		t.Fatalf("told %d times before, of %d", p.knew-before, p.facts-before)
	}
}

func TestPageIsToldWhatTheHostSpeaksAndApproves(t *testing.T) {
	p := embedded(t, protocol.Auto)
	p.start()
	p.answer("supported_api_versions", message{"supported_versions": []string{"a", "b"}})
	if want := (message{"dialect": "auto", "versions": []any{"a", "b"}}); !reflect.DeepEqual(p.fact, want) {
		t.Errorf("first %v", p.fact)
	}
	p.request("capabilities", message{})
	p.notify(nil, protocol.CapSendDelayed, "c")
	want := message{"dialect": "delayed", "versions": []any{"a", "b"}, "approved": []any{protocol.CapSendDelayed, "c"}}
	if !reflect.DeepEqual(p.fact, want) {
		t.Errorf("then %v", p.fact)
	}
}

func TestUndecidedRenegotiationTimesOutAndTheNextOneRuns(t *testing.T) {
	p := negotiated(t, protocol.Auto, []string{"a"})
	first := p.call(RequestCapabilities, ask("b"))
	second := p.call(RequestCapabilities, with(ask("c"), "deadlineMs", 100))
	p.answer(renegotiate, message{})
	p.pass(120000)
	p.fails(first, "timeout", "decide")
	p.answer(renegotiate, message{})
	p.pass(100)
	p.fails(second, "timeout", "decide")
}

func TestAbortedRenegotiationDoesNotEndTheNext(t *testing.T) {
	p := negotiated(t, protocol.Auto, []string{"a"})
	p.abort(p.call(RequestCapabilities, ask("b")))
	second := p.call(RequestCapabilities, ask("c"))
	p.answer(renegotiate, message{})
	p.notify([]string{"b"}, "a", "b")
	p.answer(renegotiate, message{})
	if _, ended := p.ended[second]; ended {
		t.Fatal("ended by the aborted request's notification")
	}
	p.notify([]string{"c"}, "a", "b", "c")
	p.succeeds(second)
}

func TestHostWithoutRenegotiationRefusesAndHintsAtWhatConnectHasToAskFor(t *testing.T) {
	p := embedded(t, protocol.Auto)
	p.start()
	p.notify([]string{}, "a")
	call := p.call(RequestCapabilities, ask("a", "b", "c"))
	p.answer("supported_api_versions", message{"supported_versions": []string{protocol.VersionNotify}})
	p.fails(call, "unsupported", "MSC2974")
	if got := p.ended[call].text("hint"); got != "pass to connect: b, c" {
		t.Fatalf("hint %q", got)
	}
}

func TestRefusedRenegotiationPassesTheMessageThrough(t *testing.T) {
	p := negotiated(t, protocol.Auto, []string{"a"})
	call := p.call(RequestCapabilities, ask("b"))
	p.answer(renegotiate, refusing("unknown variant"))
	p.fails(call, "host", "unknown variant")
}
