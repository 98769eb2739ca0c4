package future

import (
	"reflect"
	"slices"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

func TestHoldSchedulesTheLeaveThenSendsTheStateThenRefreshesAtOnce(t *testing.T) {
	inFamilies(t, func(p *page) {
		leave, state := message{"left": true}, message{"joined": message{"n": 1}}
		call := p.hold("content", state, "leaveContent", leave)
		k := p.keeps[call]
		p.sees("schedule")
		posted := p.now.Wall
		for name, want := range (message{"type": member, "state_key": key, "content": leave, "room_id": room}) {
			if got := p.of("schedule").data[name]; !reflect.DeepEqual(got, want) {
				p.t.Errorf("%s of the leave is %v", name, got)
			}
		}
		if p.of("schedule").ms != timeout {
			p.t.Errorf("scheduled after %v", p.of("schedule").ms)
		}
		p.skip(500)
		p.grant("schedule")
		p.sees("state")
		want := plain(message{"type": member, "state_key": key, "content": state, "room_id": room})
		if got := p.of("state").data; !reflect.DeepEqual(got, want) {
			p.t.Errorf("the state is %v", got)
		}
		if len(k.armed) != 1 || k.armed[0]["expiresAt"] != posted+timeout || k.armed[0]["timeoutMs"] != float64(timeout) {
			p.t.Fatalf("armed %v", k.armed)
		}
		if p.open[call] == "" {
			p.t.Fatal("settled before the state is in the room")
		}
		p.skip(500)
		p.grant("state")
		p.sees("refresh sec1")
		if p.open[call] == "" {
			p.t.Fatal("settled before the refresh has shown that the leave is still there")
		}
		posted = p.now.Wall
		p.skip(500)
		p.grant("refresh")
		if got := p.succeeds(call); len(got) != 0 {
			p.t.Fatalf("settled with %v", got)
		}
		p.stands(call, "held")
		p.echo()
		if k.expiresAt != posted+timeout || k.timeout != timeout {
			p.t.Fatalf("kept %v", k.last)
		}
		p.run(20*timeout, p.willing)
		if n := len(p.news("refresh")); n < 80 || n > 90 || n != len(p.sent)-p.seen {
			p.t.Fatalf("sent %s", p.script(p.seen))
		}
		if !slices.Equal(k.log, []string{"held"}) || len(k.armed) != 1 {
			p.t.Fatalf("statuses %v, armed %v", k.log, k.armed)
		}
	})
}

func TestHoldHandsItsFutureOverAsThePageSavesOne(t *testing.T) {
	inFamilies(t, func(p *page) {
		armed := p.keeps[p.held()].armed[0]
		want := p.saved("sec1", timeout)
		if p.c.Dialect().Tokens() {
			want["groupId"] = "group"
		}
		if !reflect.DeepEqual(armed, plain(want)) {
			p.t.Fatalf("armed %v, want %v", armed, want)
		}
	})
}

func TestRefreshMsSaysHowOftenAHoldRefreshes(t *testing.T) {
	p := trusted(t, protocol.Delayed)
	p.echoed("refreshMs", 4000)
	p.run(120000, p.willing)
	last := p.now.Mono - 120000
	for _, at := range times(p.news("refresh")) {
		p.between("a period", at-last, 3600, 4000)
		last = at
	}
}

func TestBadArgumentsOfAHoldFailAtOnceAndNameTheField(t *testing.T) {
	for _, test := range []struct {
		field string
		value any
		code  string
	}{
		{"type", nil, "invalid"},
		{"type", "", "invalid"},
		{"type", 5, "invalid"},
		{"stateKey", nil, "invalid"},
		{"stateKey", 5, "invalid"},
		{"content", nil, "invalid"},
		{"content", "x", "invalid"},
		{"content", []any{}, ""},
		{"leaveContent", "x", "invalid"},
		{"leaveContent", 5, "invalid"},
		{"timeoutMs", nil, "invalid"},
		{"timeoutMs", 0, "invalid"},
		{"timeoutMs", 1.5, "invalid"},
		{"timeoutMs", "9", "invalid"},
		{"timeoutMs", 2147483648, "invalid"},
		{"timeoutMs", -1, "invalid"},
		{"refreshMs", 0, "invalid"},
		{"refreshMs", "x", "invalid"},
		{"refreshMs", -1, "invalid"},
		{"roomId", "", "invalid"},
		{"roomId", 5, "invalid"},
		{"leaveOnPageHide", "x", "invalid"},
		{"leaveOnPageHide", 1, "invalid"},
		{"withoutFuture", "x", "invalid"},
		{"withoutFuture", 1, "invalid"},
		{"deadlineMs", 0, "invalid"},
		{"deadlineMs", "x", "invalid"},
	} {
		if test.code == "" {
			continue // a list and an object are the same to the border
		}
		p := trusted(t, protocol.Delayed)
		call := p.hold(test.field, test.value)
		p.fails(call, test.code, test.field)
		p.sees("")
		if !p.keeps[call].over || p.steady {
			t.Errorf("%s %v: over %v, steady %v", test.field, test.value, p.keeps[call].over, p.steady)
		}
	}
}

func TestRedactionCannotBeHeld(t *testing.T) {
	for _, options := range [][]any{
		{"type", "m.room.redaction"},
		{"leaveContent", message{"redacts": "$e"}},
	} {
		p := trusted(t, protocol.Futures)
		p.fails(p.hold(options...), "unsupported", "redaction")
		p.sees("")
	}
}

func TestHoldWithoutTheCapabilitiesPostsNothing(t *testing.T) {
	for _, missing := range []string{
		protocol.CapSendDelayed, protocol.CapUpdateDelayed, protocol.CapTimeline + room, protocol.CapSendState + member,
	} {
		granted := slices.DeleteFunc(slices.Clone(everything), func(c string) bool { return c == missing })
		p := negotiated(t, protocol.Delayed, granted)
		p.seen = len(p.sent)
		call := p.hold()
		p.fails(call, "capability", "")
		if got := p.ended[call].fields["missing"]; len(got.([]any)) != 1 {
			t.Errorf("missing %v", got)
		}
		p.sees("")
		p.gaveUp(call)
	}
}

func TestHoldOnAHostThatMayNotKnowFuturesIsRefused(t *testing.T) {
	p := negotiated(t, protocol.Delayed, everything)
	p.seen = len(p.sent)
	call := p.hold()
	p.sees("probe, probe")
	p.answer(updateAction, refusing("Unknown action"))
	p.answer("random.action", refusing("Unknown action"))
	p.fails(call, "unsupported", "not known to schedule")
	p.gaveUp(call)
	p.sees("")
}

func TestHoldWaitsForTheNegotiationAndTheProbe(t *testing.T) {
	p := embedded(t, protocol.Delayed)
	p.start()
	call := p.hold()
	p.answer("supported_api_versions", message{"supported_versions": hostVersions})
	p.answer("content_loaded", message{})
	p.seen = len(p.sent)
	p.request("notify_capabilities", message{"requested": everything, "approved": everything})
	p.sees("probe, probe")
	p.answerProbe()
	p.grant("schedule", "state", "refresh")
	p.succeeds(call)
}

func TestHostThatSendsTheLeaveAtOnceFailsTheHoldAndIsToldAbout(t *testing.T) {
	inFamilies(t, func(p *page) {
		call := p.hold()
		p.refuse("schedule", reply{status: 200, body: message{"room_id": room, "event_id": "$early"}})
		p.fails(call, "sent_immediately", "at once")
		if !slices.Equal(p.events, []string{"sentimmediately $early"}) {
			p.t.Fatalf("events %v", p.events)
		}
		p.gaveUp(call)
		p.run(5*timeout, p.willing)
		p.sees("schedule")
		p.hold("withoutFuture", true)
		p.sees("state")
	})
}

func TestHoldNamesItsRoomOrIsRefusedWhereTheHostWouldPickOne(t *testing.T) {
	roomless := func(c *Config) { c.RoomID = protocol.Value{} }
	p := negotiated(t, protocol.Futures, everything, roomless, withServer)
	call := p.hold()
	p.fails(call, "invalid", "roomId")
	p.gaveUp(call)

	p = negotiated(t, protocol.Futures, append(everything[:len(everything):len(everything)], protocol.CapTimeline+"!other"), withServer)
	p.hold("roomId", "!other")
	if got := p.of("schedule").data["room_id"]; got != "!other" {
		t.Fatalf("scheduled in %v", got)
	}
}

func TestHoldStaysInTheRoomOfItsFirstReceipt(t *testing.T) {
	p := embedded(t, protocol.Delayed, func(c *Config) { c.RoomID = protocol.Value{} })
	p.start()
	p.answer("supported_api_versions", message{"supported_versions": []string{"0.0.1", protocol.VersionNotify}})
	p.answer("content_loaded", message{})
	p.request("notify_capabilities", message{"requested": everything, "approved": everything})
	call := p.hold()
	p.answerProbe()
	if got := p.of("schedule").data["room_id"]; got != nil {
		t.Fatalf("asked for %v", got)
	}
	p.grant("schedule")
	if got := p.of("state").data["room_id"]; got != room {
		t.Fatalf("the state goes to %v", got)
	}
	p.grant("state", "refresh")
	if got := p.stands(call, "held").armed[0]["roomId"]; got != room {
		t.Fatalf("armed in %v", got)
	}
	p.reply(p.until("refresh"), spent)
	if got := p.of("schedule").data["room_id"]; got != room {
		t.Fatalf("the new leave goes to %v", got)
	}
}

func TestSeveralHoldsLiveSideBySide(t *testing.T) {
	inFamilies(t, func(p *page) {
		var calls []int32
		for n := range 5 {
			calls = append(calls, p.hold("stateKey", key+string(rune('a'+n)), "content", message{"n": n}))
		}
		p.run(10*timeout, p.willing)
		for n, call := range calls {
			k := p.stands(call, "held")
			p.succeeds(call)
			if len(k.armed) != 1 {
				p.t.Fatalf("hold %d armed %v", n, k.armed)
			}
		}
		if n := len(p.news("refresh")); n < 200 || n > 235 || len(p.news("state")) != 10 || // for pages before this one
			len(p.news("schedule")) != 5 {
			p.t.Fatalf("sent %s", p.script(0))
		}
		// One of them loses its future: the others do not notice.
		p.seen = len(p.sent)
		lost := p.until("refresh").id
		p.run(timeout, func(s *sent) *reply {
			if s.what == "refresh" && s.id == lost {
				return &spent
			}
			return p.willing(s)
		})
		rearmed := 0
		for _, call := range calls {
			rearmed += len(p.stands(call, "held").armed) - 1
		}
		if rearmed != 1 || len(p.news("state")) != 0 {
			p.t.Fatalf("%d re-armed, sent %s", rearmed, p.script(p.seen))
		}
	})
}

func TestHoldIsOnTheSteadyClockUntilItHasEnded(t *testing.T) {
	p := trusted(t, protocol.Delayed)
	call := p.held()
	if !p.steady {
		t.Fatal("no steady clock is asked for")
	}
	p.call(ReleaseHold, message{"hold": call})
	p.grant("send")
	p.ends(call, "released")
	if p.steady {
		t.Fatal("the steady clock is never given back")
	}
}
