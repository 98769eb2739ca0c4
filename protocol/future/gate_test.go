package future

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

func TestBadArgumentsAreInvalidNameTheFieldAndPostNothing(t *testing.T) {
	ok := future(5000)
	for _, test := range []struct {
		name    string
		kind    CallKind
		args    message
		code    string
		naming  string
		dialect protocol.Dialect
	}{
		{"missing type", SendEvent, with(ok, "type", nil), "invalid", "type", 0},
		{"empty type", SendEvent, with(ok, "type", ""), "invalid", "type", 0},
		{"type is a number", SendEvent, with(ok, "type", 5), "invalid", "type", 0},
		{"content is missing", SendEvent, with(ok, "content", nil), "invalid", "content", 0},
		{"content is text", SendEvent, with(ok, "content", "x"), "invalid", "content", 0},
		{"state key is a number", SendEvent, with(ok, "stateKey", 1), "invalid", "stateKey", 0},
		{"state key is null", SendEvent, with(ok, "stateKey", json.RawMessage("null")), "invalid", "stateKey", 0},
		{"empty room", SendEvent, with(ok, "roomId", ""), "invalid", "roomId", 0},
		{"negative timeout", SendFuture, future(-1), "invalid", "timeoutMs", 0},
		{"zero timeout", SendFuture, future(0), "invalid", "timeoutMs", 0},
		{"fraction", SendFuture, future(1.5), "invalid", "timeoutMs", 0},
		{"absurd timeout", SendFuture, future(1 << 31), "invalid", "timeoutMs", 0},
		{"timeout is text", SendFuture, with(ok, "timeoutMs", "5000"), "invalid", "timeoutMs", 0},
		{"timeout is null", SendFuture, with(ok, "timeoutMs", json.RawMessage("null")), "invalid", "timeoutMs", 0},
		{"neither timeout nor group", SendFuture, with(ok, "timeoutMs", nil), "invalid", "timeoutMs", 0},
		{"empty group", SendFuture, with(ok, "groupId", ""), "invalid", "groupId", protocol.Futures},
		{"group in delayed", SendFuture, with(ok, "groupId", "g"), "unsupported", "groupId", 0},
		{"action future in delayed", SendFuture, with(ok, "timeoutMs", nil, "groupId", "g"), "unsupported", "groupId", 0},
		{"group in forced delayed", SendFuture, with(ok, "groupId", "g"), "unsupported", "groupId", protocol.Delayed},
		{"sticky in the first draft", SendFuture, with(ok, "stateKey", nil, "stickyDurationMs", 1000), "unsupported", "stickyDurationMs", protocol.Futures},
		{"sticky state", SendFuture, with(ok, "stickyDurationMs", 1000), "invalid", "stickyDurationMs", 0},
		{"message without allowUnencrypted", SendFuture, with(ok, "stateKey", nil), "invalid", "allowUnencrypted", 0},
		{"allowUnencrypted is text", SendFuture, with(ok, "stateKey", nil, "allowUnencrypted", "yes"), "invalid", "allowUnencrypted", 0},
		{"redaction by type", SendFuture, with(ok, "type", "m.room.redaction"), "unsupported", "redaction", 0},
		{"redaction by content", SendFuture, with(ok, "content", message{"redacts": "$e"}), "unsupported", "redaction", 0},
		{"futures switched off", SendFuture, ok, "unsupported", "none", protocol.None},
		{"deadline below zero", SendEvent, with(ok, "deadlineMs", -1), "invalid", "deadlineMs", 0},
		{"raw request without action", Request, message{}, "invalid", "action", 0},
		{"raw future by delay", Request, message{"action": "send_event", "data": message{"delay": 5}}, "invalid", "data.delay", 0},
		{"raw future by timeout", Request, message{"action": "send_event", "data": message{"timeout": 5}}, "invalid", "data.timeout", 0},
		{"raw future by prefixed group", Request, message{"action": "send_event", "data": message{"future_group_id": "g"}}, "invalid", "data.future_group_id", 0},
		{"raw content_loaded", Request, message{"action": "content_loaded"}, "invalid", "action", 0},
		{"capabilities are no list", RequestCapabilities, message{"capabilities": "x"}, "invalid", "capabilities", 0},
		{"an empty capability", RequestCapabilities, message{"capabilities": []string{""}}, "invalid", "capabilities", 0},
		{"verb on an empty delay id", RefreshFuture, message{"dialect": "delayed", "delayId": "", "timeoutMs": 5}, "invalid", "delayId", 0},
		{"verb on an empty token", CancelFuture, message{"dialect": "futures", "cancelToken": ""}, "invalid", "cancelToken", protocol.Futures},
		{"token without homeserverUrl", CancelFuture, message{"dialect": "futures", "cancelToken": "t"}, "invalid", "homeserverUrl", protocol.Futures},
		{"verb in no dialect", CancelFuture, message{"dialect": "auto", "delayId": "d"}, "invalid", "dialect", 0},
		{"refresh of an action future", RefreshFuture, message{"dialect": "futures", "sendToken": "t"}, "unsupported", "action future", protocol.Futures},
		{"verb on an ended future", SendFutureNow, message{"dialect": "delayed", "delayId": "d", "ended": true}, "spent", "gone", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := negotiated(t, test.dialect, everything)
			call := p.call(test.kind, test.args)
			p.fails(call, test.code, test.naming)
			if p.actions() != "" || len(p.urls) > 0 {
				t.Fatalf("posted %q %v", p.actions(), p.urls)
			}
			next := p.call(SendEvent, ok)
			p.answer("send_event", message{"room_id": room, "event_id": "$e"})
			if got := p.succeeds(next)["eventId"]; got != "$e" {
				t.Fatalf("the next call got %v", got)
			}
		})
	}
}

func TestNonFiniteTimeoutsAreInvalid(t *testing.T) {
	for _, n := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		args := []protocol.Field{
			protocol.Str("t").At(protocol.Type), protocol.Str("").At(protocol.StateKey),
			protocol.Value{Kind: protocol.Opaque, ID: 1}.At(protocol.Content), protocol.Num(n).At(protocol.TimeoutMs),
		}
		if _, err := protocol.ParseFuture(args, protocol.Str(room)); err == nil || err.Code != protocol.CodeInvalid {
			t.Errorf("%v: %v", n, err)
		}
	}
}

func TestFutureIsRefusedWithWhatIsMissingWhenNotApproved(t *testing.T) {
	p := negotiated(t, protocol.Auto, []string{protocol.CapTimeline + room})
	call := p.call(SendFuture, future(5000))
	p.fails(call, "capability", "has not approved")
	missing := p.ended[call].fields["missing"].([]any)
	want := []any{protocol.CapSendState + member + "#" + key, protocol.CapSendDelayed, protocol.CapUpdateDelayed}
	if len(missing) != 3 || missing[0] != want[0] || missing[1] != want[1] || missing[2] != want[2] {
		t.Fatalf("missing %v", missing)
	}
	if p.actions() != "" {
		t.Fatalf("posted %q", p.actions())
	}
}

func TestEventBeforeReadyIsRefusedOnceTheHostDeniesIt(t *testing.T) {
	p := embedded(t, protocol.Auto)
	event := p.call(SendEvent, future(0))
	later := p.call(SendFuture, future(5000))
	p.start()
	p.request("capabilities", message{})
	p.answer("supported_api_versions", message{"supported_versions": hostVersions})
	p.request("notify_capabilities", message{"requested": []string{}, "approved": []string{}})
	p.fails(event, "capability", "send.state_event")
	p.fails(later, "capability", "")
	if p.actions() != "content_loaded" {
		t.Fatalf("posted %q", p.actions())
	}
}

func TestFutureNeedsARoomOnHostsThatTakeTheViewedOne(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything, func(c *Config) { c.RoomID = protocol.Value{} })
	p.fails(p.call(SendFuture, future(5000)), "invalid", "roomId")
	if p.actions() != "" {
		t.Fatalf("posted %q", p.actions())
	}
}

func TestKnownRoomNeedsItsTimelineApproved(t *testing.T) {
	p := negotiated(t, protocol.Auto, everything)
	call := p.call(SendEvent, with(future(0), "timeoutMs", nil, "roomId", "!other:example.org"))
	p.fails(call, "capability", "timeline:!other:example.org")
}

func TestRustHostIsNotAskedForATimelineItDoesNotKnow(t *testing.T) {
	p := embedded(t, protocol.Auto)
	p.start()
	p.answer("supported_api_versions", message{"supported_versions": []string{"0.0.1", protocol.VersionNotify}})
	p.answer("content_loaded", message{})
	p.request("capabilities", message{})
	p.request("notify_capabilities", message{"requested": []string{}, "approved": []string{protocol.CapSendState + member}})
	call := p.call(SendEvent, with(future(0), "timeoutMs", nil))
	p.answer("send_event", message{"room_id": room, "event_id": "$e", "delay_id": nil})
	p.succeeds(call)
}

func TestStickyFutureNeedsItsCapability(t *testing.T) {
	args := message{
		"type": "m.rtc.member", "content": message{}, "timeoutMs": 5000,
		"stickyDurationMs": 60000, "allowUnencrypted": true,
	}
	var without []string
	for _, c := range everything {
		if c != protocol.CapSendSticky {
			without = append(without, c)
		}
	}
	p := proved(t, without)
	p.fails(p.call(SendFuture, args), "unsupported", protocol.CapSendSticky)
	p = proved(t, everything)
	call := p.call(SendFuture, args)
	data := p.posts[0]["data"].(message)
	if data["sticky_duration_ms"] != 60000.0 || data["delay"] != 5000.0 {
		t.Fatalf("posted %v", data)
	}
	p.answer("send_event", message{"room_id": room, "delay_id": "d"})
	p.succeeds(call)
}

func TestHostThatDoesNotTellApprovalIsNotProved(t *testing.T) {
	p := embedded(t, protocol.Auto)
	p.start()
	p.request("capabilities", message{})
	p.answer("supported_api_versions", message{"supported_versions": []string{"0.0.1"}})
	if p.ready == nil || !p.ready.ok {
		t.Fatal("a host without MSC2871 never gets ready")
	}
	p.fails(p.call(SendFuture, future(5000)), "unsupported", "does not say")
	call := p.call(SendEvent, with(future(0), "timeoutMs", nil))
	p.answer("send_event", message{"room_id": room, "event_id": "$e"})
	p.succeeds(call)
}
