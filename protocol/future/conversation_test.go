package future

import (
	"fmt"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/session"
)

var event = message{"type": member, "stateKey": key, "content": message{"a": 1}}

func TestHostThatWaitsForContentLoadedIsGreetedAndAnswered(t *testing.T) {
	p := embedded(t, protocol.Auto, func(c *Config) { c.Session.Capabilities = []string{"x"} })
	p.start()
	if p.actions() != "supported_api_versions content_loaded" {
		t.Fatalf("posted %q", p.actions())
	}
	p.answer("content_loaded", message{})
	p.request("capabilities", message{}) // before the host has said its versions
	got := fmt.Sprint(p.replys[0]["response"].(message)["capabilities"])
	want := fmt.Sprint([]string{
		"x", protocol.CapSendDelayed, protocol.CapUpdateDelayed, protocol.CapUpdateDelayedDotted, protocol.CapTimeline + room,
	})
	if got != want || p.replys[0]["requestId"] != "host-capabilities" || p.replys[0]["api"] != "toWidget" {
		t.Fatalf("answered %v", p.replys[0])
	}
	p.request("notify_capabilities", message{"requested": []string{"x"}, "approved": []string{"x"}})
	if p.ready == nil || !p.ready.ok || p.facts != 1 {
		t.Fatal("not ready after the host said what it approves")
	}
	p.request("supported_api_versions", message{})
	if versions := p.replys[2]["response"].(message)["supported_versions"].([]any); len(versions) < 5 {
		t.Fatalf("answered %v", versions)
	}
	p.answer("supported_api_versions", message{"supported_versions": hostVersions})
	if list, known := p.c.Versions(); !known || len(list) != len(hostVersions) {
		t.Fatalf("versions %v", list)
	}
}

func TestHostThatStartsAtLoadIsAnsweredFromTheBacklogAndNotSentContentLoaded(t *testing.T) {
	p := embedded(t, protocol.Auto)
	p.request("capabilities", message{}) // arrived while the wasm was loading
	p.start()
	if p.actions() != "supported_api_versions" {
		t.Fatalf("posted %q", p.actions())
	}
	loaded := p.call(ContentLoaded, message{})
	p.succeeds(loaded)
}

func TestRefusedContentLoadedIsNoFailureUnlessThePageSendsIt(t *testing.T) {
	p := embedded(t, protocol.Auto)
	p.start()
	call := p.call(ContentLoaded, message{})
	p.answer("content_loaded", refusing("Improper sequence"))
	p.succeeds(call)
	p.succeeds(p.call(ContentLoaded, message{}))

	p = embedded(t, protocol.Auto, func(c *Config) { c.Session.ManualContentLoaded = true })
	p.start()
	if p.actions() != "supported_api_versions" {
		t.Fatalf("posted %q", p.actions())
	}
	first := p.call(ContentLoaded, message{})
	second := p.call(ContentLoaded, message{})
	p.answer("content_loaded", refusing("Improper sequence"))
	p.fails(first, "host", "Improper sequence")
	p.fails(second, "host", "Improper sequence")
	p.fails(p.call(ContentLoaded, message{}), "host", "Improper sequence")
	if p.actions() != "supported_api_versions" {
		t.Fatalf("content_loaded was sent twice: %q", p.actions())
	}
}

func TestUnknownHostIsPinnedAndItsWidgetIDAdopted(t *testing.T) {
	p := newPage(t, Config{})
	call := p.call(SendEvent, event)
	p.start()
	if p.actions() != "" || p.pinned {
		t.Fatalf("posted %q before anything was known", p.actions())
	}
	p.receive(message{"api": "toWidget", "widgetId": "w7", "requestId": "1", "action": "capabilities", "data": message{}})
	if !p.pinned || p.actions() != "supported_api_versions" || p.posts[0]["widgetId"] != "w7" {
		t.Fatalf("pinned %v, posted %v", p.pinned, p.posts)
	}
	p.receive(message{"api": "toWidget", "widgetId": "w8", "requestId": "2", "action": "capabilities", "data": message{}})
	if len(p.replys) != 1 {
		t.Fatal("answered a message for another widget")
	}
	_ = call
}

func TestNegotiationThatRunsTwiceIsAnsweredTwice(t *testing.T) {
	p := negotiated(t, protocol.Auto, []string{"a"})
	p.request("capabilities", message{})
	p.request("notify_capabilities", message{"requested": []string{"b"}, "approved": []string{"a", "b"}})
	if len(p.replys) != 4 || p.replys[2]["response"].(message)["error"] != nil {
		t.Fatalf("answers %v", p.replys)
	}
	if grants, _ := p.c.Grants(); !grants.Has("b") {
		t.Fatal("the second notification was ignored")
	}
	p.request("notify_capabilities", message{"requested": []string{}, "approved": []string{"b"}})
	if grants, _ := p.c.Grants(); grants.Has("a") {
		t.Fatal("a capability that was taken away is still there")
	}
}

func TestMalformedNotificationIsRefusedAndApprovesNothing(t *testing.T) {
	for _, approved := range []any{nil, "x", 5, []any{"a", 5}, message{}} {
		p := embedded(t, protocol.Auto)
		p.start()
		p.request("notify_capabilities", message{"approved": approved})
		if p.ready != nil || p.replys[0]["response"].(message)["error"] == nil {
			t.Fatalf("%v: answered %v", approved, p.replys)
		}
	}
}

func TestHandshakeEndsInTimeAndALateHostStillMakesTheSessionReady(t *testing.T) {
	p := embedded(t, protocol.Auto)
	call := p.call(SendEvent, event)
	p.start()
	wait := p.call(RequestCapabilities, message{"capabilities": []string{"x"}})
	p.pass(119999)
	if p.ready != nil {
		t.Fatal("gave up too early")
	}
	p.pass(1)
	if p.ready == nil || p.ready.code() != "timeout" || p.ready.text("hint") == "" {
		t.Fatalf("readiness %v", p.ready)
	}
	p.fails(call, "timeout", "negotiation")
	p.fails(wait, "timeout", "negotiation")
	p.fails(p.call(SendEvent, event), "timeout", "negotiation")
	p.fails(p.call(SendFuture, future(5000)), "timeout", "negotiation")
	p.request("notify_capabilities", message{"requested": everything, "approved": everything})
	late := p.call(SendEvent, event)
	p.answer("send_event", message{"room_id": room, "event_id": "$e"})
	p.succeeds(late)
}

func TestUnknownHostRequestsAreRefusedAndPushedEventsAcknowledged(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	for action, refused := range map[string]bool{
		"no.such.action": true, "screenshot": true, "openid_credentials": true,
		"send_event": false, "update_state": false, "visibility": false, "send_to_device": false, "theme_change": false,
	} {
		p.replys = nil
		p.receive(message{"api": "toWidget", "widgetId": "w1", "requestId": "h", "action": action, "data": message{"x": 1}, "extra": 5})
		if len(p.replys) != 1 {
			t.Fatalf("%s: answers %v", action, p.replys)
		}
		reply := p.replys[0]
		_, failed := reply["response"].(message)["error"]
		if failed != refused || reply["extra"] != 5.0 || reply["data"].(message)["x"] != 1.0 || reply["requestId"] != "h" {
			t.Errorf("%s: answered %v", action, reply)
		}
	}
}

func TestForeignDuplicateAndMalformedMessagesLeaveNoTrace(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	call := p.call(SendEvent, event)
	post := p.posts[0]
	ok := message{"room_id": room, "event_id": "$e"}
	for _, m := range []message{
		with(post, "response", ok, "widgetId", "other"),
		with(post, "response", ok, "api", "toWidget"),
		with(post, "response", ok, "requestId", "other-1"),
		with(post, "response", ok, "requestId", prefix+"99"),
		with(post, "response", ok, "requestId", prefix+"0"+post["requestId"].(string)[len(prefix):]),
		with(post, "response", ok, "requestId", nil),
		with(post, "response", ok, "action", nil),
		with(post, "response", ok, "widgetId", nil),
		with(post, "response", nil), // our own post, heard by a top-level page
		{},
		{"api": "toWidget"},
		{"api": 5, "action": 5, "widgetId": 5, "requestId": 5},
		with(post, "api", "toWidget", "requestId", ""),
	} {
		p.receive(m)
		if len(p.ended) > 0 || len(p.replys) > 2 {
			t.Fatalf("%v did something", m)
		}
	}
	p.receive(with(post, "response", ok))
	p.succeeds(call)
	p.receive(with(post, "response", ok)) // page.settle fails on a second settlement
}

func TestSilentHostTimesTheCallOutAndTheNextOneWorks(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	slow := p.call(SendEvent, event)
	quick := p.call(SendEvent, with(event, "deadlineMs", 50))
	p.pass(50)
	p.fails(quick, "timeout", "")
	if p.ended[quick].fields["deadlineMs"] != 50.0 {
		t.Fatalf("error %v", p.ended[quick].fields)
	}
	p.pass(9949)
	if _, ended := p.ended[slow]; ended {
		t.Fatal("gave up too early")
	}
	p.pass(1)
	p.fails(slow, "timeout", "")
	p.posts = nil
	next := p.call(SendEvent, event)
	p.answer("send_event", message{"room_id": room, "event_id": "$e"})
	p.succeeds(next)
}

func TestAnswersToAnEventThatCannotBeTrustedAreBadResponses(t *testing.T) {
	for naming, response := range map[string]message{
		"event_id": {"room_id": room}, "response.event_id": {"event_id": 5}, "room_id": {"room_id": []int{}, "event_id": "$e"},
	} {
		p := negotiated(t, protocol.Auto, everything)
		call := p.call(SendEvent, event)
		p.answer("send_event", response)
		p.fails(call, "bad_response", naming)
	}
}

func TestFewRequestsAreInFlightToAHostThatDropsTheRest(t *testing.T) {
	p := embedded(t, protocol.Auto)
	p.start()
	p.answer("supported_api_versions", message{"supported_versions": []string{protocol.VersionNotify}})
	p.answer("content_loaded", message{})
	p.request("notify_capabilities", message{"requested": []string{}, "approved": everything})
	for i := range 40 {
		p.call(SendEvent, with(event, "content", message{"n": i}))
	}
	for n := range 40 {
		if want := min(12, 40-n); len(p.posts) != want {
			t.Fatalf("%d in flight, want %d", len(p.posts), want)
		}
		if got := p.posts[0]["data"].(message)["content"].(message)["n"]; got != float64(n) {
			t.Fatalf("call %v went before call %d", got, n)
		}
		p.answer("send_event", message{"room_id": room, "event_id": "$e"})
	}
	if len(p.open) > 0 {
		t.Fatalf("unsettled %v", p.open)
	}
}

func TestTooManyWaitingCallsAreBusy(t *testing.T) {
	p := embedded(t, protocol.Auto)
	p.start()
	for range session.MaxWaiting {
		p.call(SendEvent, event)
	}
	p.fails(p.call(SendEvent, event), "busy", "")
	p.close()
}

func TestAbortedCallIsNotPostedAndKeepsItsPlaceUntilItsAnswer(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything, func(c *Config) { c.Session.MaxInFlight = 1 })
	posted := p.call(SendEvent, event)
	waiting := p.call(SendEvent, event)
	last := p.call(SendEvent, event)
	p.abort(waiting)
	p.abort(posted)
	if len(p.posts) != 1 {
		t.Fatalf("posts %v", p.posts)
	}
	p.answer("send_event", message{"room_id": room, "event_id": "$given-up"})
	p.answer("send_event", message{"room_id": room, "event_id": "$e"})
	p.succeeds(last)
	if p.actions() != "" {
		t.Fatalf("posted %q", p.actions())
	}
}

func TestCallsThatAreGivenUpTogetherLetNoneOfThemOut(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything, func(c *Config) {
		c.Session.MaxInFlight, c.Session.DeadlineMs = 1, 60000
	})
	calls := []int32{p.call(SendEvent, event), p.call(SendEvent, event), p.call(SendEvent, event)}
	stays := p.call(SendEvent, event)
	p.pass(11000) // the first of them has no place at the host any more
	p.posts = nil
	p.c.Reset()
	for _, call := range calls {
		delete(p.open, call)
		p.c.GiveUp(p.now, call)
	}
	p.drain()
	if p.actions() != "" {
		t.Fatalf("posted %q", p.actions())
	}
	p.abort(0) // that was the last
	p.answer("send_event", message{"room_id": room, "event_id": "$e"})
	p.succeeds(stays)
}

func TestPostThatThrowsFailsItsCallAlone(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	call := p.call(SendEvent, event)
	var serial int32
	fmt.Sscanf(p.posts[0]["requestId"].(string), prefix+"%d", &serial)
	p.c.Reset()
	p.c.PostFailed(p.now, serial)
	p.drain()
	p.fails(call, "invalid", "cannot be posted")
}

func TestCloseSettlesEverythingAndNothingHappensAfter(t *testing.T) {
	p := proved(t, everything)
	p.c.cfg.HomeserverURL = "https://hs.example.org"
	calls := []int32{
		p.call(SendEvent, event), p.call(SendFuture, future(5000)), p.call(RefreshFuture, delayedFuture),
		p.call(CancelFuture, tokenFuture), p.call(RequestCapabilities, message{"capabilities": []string{"new"}}),
	}
	p.close()
	for _, call := range calls {
		p.fails(call, "closed", "")
	}
	for kind := range callKinds {
		args := with(future(5000), "action", "x", "capabilities", []string{"x"}, "dialect", "delayed", "delayId", "d")
		p.fails(p.call(kind, args), "closed", "")
	}
	p.fails(p.call(CancelFuture, tokenFuture), "closed", "")
	posts, replys := len(p.posts), len(p.replys)
	p.request("capabilities", message{})
	p.pass(1e6)
	if len(p.posts) != posts || len(p.replys) != replys || len(p.urls) != 1 {
		t.Fatal("something was posted after close")
	}
}

func TestCloseBeforeReadyRejectsReadiness(t *testing.T) {
	p := embedded(t, protocol.Auto)
	p.start()
	p.close()
	if p.ready == nil || p.ready.code() != "closed" {
		t.Fatalf("readiness %v", p.ready)
	}
}

func TestRawRequestHandsTheAnswerThroughAndRefusalsToo(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	call := p.call(Request, message{"action": "get_openid", "data": message{"q": 1}})
	if got := p.posts[0]["data"].(message)["q"]; got != 1.0 {
		t.Fatalf("posted %v", p.posts[0])
	}
	p.answer("get_openid", message{"state": "blocked"})
	if got := p.succeeds(call)["body"].(message)["state"]; got != "blocked" {
		t.Fatalf("answered %v", got)
	}
	call = p.call(Request, message{"action": "get_openid"})
	p.answer("get_openid", refusing("no"))
	p.fails(call, "host", "no")
}

func TestClosedComesBeforeWhatTheHostDenied(t *testing.T) {
	p := negotiated(t, protocol.Auto, []string{})
	p.close()
	p.fails(p.call(SendEvent, event), "closed", "")
	p.fails(p.call(SendFuture, future(5000)), "closed", "")
}

func TestCallBetweenTheBacklogAndTheOpeningWaitsForIt(t *testing.T) {
	p := embedded(t, protocol.Auto)
	p.request("capabilities", message{})
	p.request("notify_capabilities", message{"requested": everything, "approved": everything})
	p.call(SendEvent, event)
	if p.actions() != "" {
		t.Fatalf("posted %q before the opening", p.actions())
	}
	p.start()
	if p.actions() != "supported_api_versions send_event" {
		t.Fatalf("posted %q", p.actions())
	}
}

func TestRefusalThatIsKeptHoldsNothingOfTheMessageItCameIn(t *testing.T) {
	p := embedded(t, protocol.Auto, func(c *Config) { c.Session.ManualContentLoaded = true })
	p.start()
	first := p.call(ContentLoaded, message{})
	p.answer("content_loaded", message{"error": message{"message": "no", "matrix_api_error": message{
		"http_status": 403, "response": message{"errcode": "M_FORBIDDEN", "error": "no"},
	}}})
	p.fails(first, "matrix", "no")
	p.request("capabilities", message{}) // its values stand where the refusal's stood
	second := p.call(ContentLoaded, message{})
	p.fails(second, "matrix", "no")
	if body := p.ended[second].fields["body"]; body != nil {
		t.Fatalf("a later call's error carries %v", body)
	}
}
