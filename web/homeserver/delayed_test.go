package homeserver

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

const leaveState = "state/org.matrix.msc3401.call.member/_DEV"

func (w *world) delay(rest string, as Account, ms int, content any) string {
	w.t.Helper()
	answer := w.ok("PUT", w.roomPath(fmt.Sprintf("%s?org.matrix.msc4140.delay=%d", rest, ms)), as, content)
	if answer["event_id"] != nil {
		w.t.Fatalf("a delayed event was sent at once: %v", answer)
	}
	return answer["delay_id"].(string)
}

func delayedPath(rest string) string {
	return "/_matrix/client/unstable/org.matrix.msc4140/delayed_events" + rest
}

func TestADelayedEventLandsWhenItsDelayIsOverAndNotBefore(t *testing.T) {
	w := newWorld(t, Options{})
	w.delay(leaveState, w.alice, 5000, map[string]any{})
	w.clock.advance(4999 * time.Millisecond)
	if n := w.count("org.matrix.msc3401.call.member"); n != 0 {
		t.Fatalf("%d events before the delay was over", n)
	}
	w.clock.advance(time.Millisecond)
	if n := w.count("org.matrix.msc3401.call.member"); n != 1 {
		t.Fatalf("%d events after the delay", n)
	}
}

func TestARestartedDelayedEventWaitsItsWholeDelayAgain(t *testing.T) {
	for _, form := range []struct{ path, body string }{{"", `{"action":"restart"}`}, {"/restart", `{}`}, {"/restart", ``}} {
		w := newWorld(t, Options{})
		id := w.delay(leaveState, w.alice, 5000, map[string]any{})
		w.clock.advance(4 * time.Second)
		w.ok("POST", delayedPath("/"+id+form.path), Account{}, form.body)
		w.clock.advance(4999 * time.Millisecond)
		if n := w.count("org.matrix.msc3401.call.member"); n != 0 {
			t.Fatalf("restart by %q: sent too early", form.path+form.body)
		}
		w.clock.advance(time.Millisecond)
		if n := w.count("org.matrix.msc3401.call.member"); n != 1 {
			t.Fatalf("restart by %q: %d events after the restarted delay", form.path+form.body, n)
		}
	}
}

func TestASentOrCancelledDelayedEventIsGoneForEveryAction(t *testing.T) {
	for _, action := range []string{"send", "cancel"} {
		w := newWorld(t, Options{})
		id := w.delay(leaveState, w.alice, 5000, map[string]any{})
		w.ok("POST", delayedPath("/"+id), w.alice, map[string]any{"action": action})
		want := map[string]int{"send": 1, "cancel": 0}[action]
		if n := w.count("org.matrix.msc3401.call.member"); n != want {
			t.Fatalf("%s: %d events at once, want %d", action, n, want)
		}
		for _, again := range []string{"send", "cancel", "restart"} {
			w.refused(http.StatusNotFound, codeNotFound, "POST", delayedPath("/"+id+"/"+again), Account{}, nil)
		}
		w.clock.advance(time.Hour)
		if n := w.count("org.matrix.msc3401.call.member"); n != want {
			t.Fatalf("%s: %d events in the end, want %d", action, n, want)
		}
		if n := w.clock.pending(); n != 0 {
			t.Fatalf("%s left %d timers behind", action, n)
		}
	}
}

func TestAnotherUsersStateCancelsADelayedEventAndTheOwnersDoesNot(t *testing.T) {
	w := newWorld(t, Options{})
	id := w.delay(leaveState, w.alice, 5000, map[string]any{})
	other := w.delay("state/org.matrix.msc3401.call.member/_OTHER", w.alice, 5000, map[string]any{})
	w.ok("PUT", w.roomPath(leaveState), w.alice, map[string]any{"n": 1})
	w.ok("POST", delayedPath("/"+id+"/restart"), Account{}, nil)
	w.ok("PUT", w.roomPath(leaveState), w.moderator, map[string]any{"kicked": true})
	w.refused(http.StatusNotFound, codeNotFound, "POST", delayedPath("/"+id+"/restart"), Account{}, nil)
	w.ok("POST", delayedPath("/"+other+"/restart"), Account{}, nil)
}

func TestADelayedEventWhoseSenderLeftTheRoomIsDroppedInSilence(t *testing.T) {
	w := newWorld(t, Options{})
	w.delay(leaveState, w.alice, 5000, map[string]any{})
	w.ok("PUT", w.roomPath("state/m.room.member/"+w.alice.UserID), w.moderator, map[string]any{"membership": "leave"})
	w.clock.advance(time.Minute)
	for _, e := range w.timeline(w.moderator) {
		if e["type"] == "org.matrix.msc3401.call.member" {
			t.Fatal("an event of somebody who is not in the room landed in it")
		}
	}
	if list := w.ok("GET", delayedPath(""), w.alice, nil)["delayed_events"].([]any); len(list) != 0 {
		t.Fatalf("still scheduled: %v", list)
	}
}

func TestSendingADelayedEventWithoutThePowerToIsRefusedAndEndsIt(t *testing.T) {
	w := newWorld(t, Options{})
	id := w.delay(leaveState, w.alice, 5000, map[string]any{})
	w.ok("PUT", w.roomPath("state/m.room.power_levels"), w.moderator, map[string]any{
		"users": map[string]any{w.moderator.UserID: 100}, "state_default": 50,
	})
	w.refused(http.StatusForbidden, codeForbidden, "POST", delayedPath("/"+id+"/send"), Account{}, nil)
	w.refused(http.StatusNotFound, codeNotFound, "POST", delayedPath("/"+id+"/send"), Account{}, nil)
}

func TestADelayOfZeroIsScheduledAndFiresAtOnce(t *testing.T) {
	w := newWorld(t, Options{})
	w.delay(leaveState, w.alice, 0, map[string]any{})
	w.clock.advance(0)
	if n := w.count("org.matrix.msc3401.call.member"); n != 1 {
		t.Fatalf("%d events", n)
	}
}

func TestADelayThatIsNoWholeNumberOfMillisecondsWithinTheLimitIsRefused(t *testing.T) {
	w := newWorld(t, Options{MaxDelayMs: 60_000})
	for delay, want := range map[string]struct {
		status int
		code   string
	}{
		"-5": {400, codeInvalidParam}, "1.5": {400, codeInvalidParam}, "abc": {400, codeInvalidParam}, "": {400, codeInvalidParam},
		"60001": {403, codeForbidden}, "99999999999999999999999": {403, codeForbidden}, "-99999999999999999999999": {400, codeInvalidParam},
	} {
		w.refused(want.status, want.code, "PUT", w.roomPath(leaveState+"?org.matrix.msc4140.delay="+delay), w.alice, map[string]any{})
	}
	w.delay(leaveState, w.alice, 60_000, map[string]any{})
	if n := w.count("org.matrix.msc3401.call.member"); n != 0 {
		t.Fatalf("a refused delay sent %d events", n)
	}
}

func TestTooManyScheduledEventsAreRefusedUntilOneIsSent(t *testing.T) {
	w := newWorld(t, Options{MaxScheduled: 2})
	w.delay("send/x/1", w.alice, 10_000, map[string]any{})
	w.delay("send/x/2", w.alice, 2500, map[string]any{})
	third := w.roomPath("send/x/3?org.matrix.msc4140.delay=1000")
	answer := w.refused(http.StatusTooManyRequests, codeLimitExceeded, "PUT", third, w.alice, map[string]any{})
	if answer["retry_after_ms"] != 2500.0 {
		t.Fatalf("retry_after_ms is %v, the next one is sent in 2500", answer["retry_after_ms"])
	}
	if wait := w.do("PUT", third, w.alice, map[string]any{}).Header().Get("Retry-After"); wait != "3" {
		t.Fatalf("Retry-After is %q", wait)
	}
	w.delay("send/x/3", w.moderator, 1000, map[string]any{}) // the limit is each user's own
	w.clock.advance(2500 * time.Millisecond)
	w.ok("PUT", third, w.alice, map[string]any{})
}

func TestWithDelayedEventsOffSchedulingIsForbiddenAndNothingIsSent(t *testing.T) {
	w := newWorld(t, Options{NoDelayedEvents: true})
	w.refused(http.StatusForbidden, codeForbidden, "PUT", w.roomPath(leaveState+"?org.matrix.msc4140.delay=5"), w.alice, map[string]any{})
	w.clock.advance(time.Second)
	if n := w.count("org.matrix.msc3401.call.member"); n != 0 {
		t.Fatalf("%d events", n)
	}
	features := w.ok("GET", "/_matrix/client/versions", Account{}, nil)["unstable_features"].(map[string]any)
	if features["org.matrix.msc4140"] != false {
		t.Fatalf("features: %v", features)
	}
	capabilities := w.ok("GET", "/_matrix/client/v3/capabilities", w.alice, nil)["capabilities"].(map[string]any)
	if most := capabilities[capabilityDelayed].(map[string]any)["max_delay_ms"]; most != 0.0 {
		t.Fatalf("max_delay_ms is %v", most)
	}
}

func TestActionsOnDelayedEventsAreCheckedBeforeTheirIds(t *testing.T) {
	w := newWorld(t, Options{})
	nope := delayedPath("/nope")
	w.refused(http.StatusBadRequest, codeMissingParam, "POST", nope, Account{}, map[string]any{})
	w.refused(http.StatusBadRequest, codeInvalidParam, "POST", nope, Account{}, map[string]any{"action": "refresh"})
	w.refused(http.StatusBadRequest, codeInvalidParam, "POST", nope, Account{}, map[string]any{"action": 7})
	w.refused(http.StatusBadRequest, codeNotJSON, "POST", nope, Account{}, "action=send")
	w.refused(http.StatusNotFound, codeNotFound, "POST", nope, Account{}, map[string]any{"action": "send"})
	w.refused(http.StatusNotFound, codeUnrecognized, "POST", nope+"/refresh", Account{}, nil)
	w.refused(http.StatusMethodNotAllowed, codeUnrecognized, "GET", nope, w.alice, nil)
	w.refused(http.StatusNotFound, codeUnrecognized, "POST", delayedPath("/"), Account{}, map[string]any{"action": "send"})
	w.refused(http.StatusUnauthorized, codeUnknownToken, "POST", nope, Account{AccessToken: "wrong"}, map[string]any{"action": "send"})
}

func TestADelayIdIsShownOnlyToWhoSentTheEvent(t *testing.T) {
	w := newWorld(t, Options{})
	id := w.delay(leaveState, w.alice, 10, map[string]any{})
	w.clock.advance(time.Second)
	for _, reader := range []Account{w.alice, w.moderator} {
		events := w.timeline(reader)
		got := events[len(events)-1]["unsigned"].(map[string]any)[fieldDelayID]
		if isAlice := reader == w.alice; (got == id) != isAlice || (got == nil) == isAlice {
			t.Errorf("%s reads %v", reader.UserID, got)
		}
	}
}
