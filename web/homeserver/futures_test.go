package homeserver

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const futureKind = "org.example.note"

// future schedules a message future and returns its answer.
func (w *world) future(as Account, name, query string) map[string]any {
	w.t.Helper()
	answer := w.ok("PUT", w.roomPath("send_future/"+futureKind+"/"+name+"?"+query), as, map[string]any{"name": name})
	if answer["event_id"] != nil {
		w.t.Fatalf("a future has an event id: %v", answer)
	}
	return answer
}

func inGroup(answer map[string]any) string {
	return "future_group_id=" + url.QueryEscape(answer["future_group_id"].(string))
}

// use posts one of a future's tokens, without any login.
func (w *world) use(answer map[string]any, verb string) {
	w.t.Helper()
	w.ok("POST", "/_matrix/client/v3/future/"+answer[verb+"_token"].(string), Account{}, nil)
}

func (w *world) spent(answer map[string]any, verbs ...string) {
	w.t.Helper()
	for _, verb := range verbs {
		w.refused(http.StatusGone, codeNotFound, "POST", "/_matrix/client/v3/future/"+answer[verb+"_token"].(string), Account{}, nil)
	}
}

// landed names the futures that reached the room, in order.
func (w *world) landed() []string {
	w.t.Helper()
	names := []string{}
	for _, e := range w.timeline(w.alice) {
		if e["type"] == futureKind {
			names = append(names, e["content"].(map[string]any)["name"].(string))
		}
	}
	return names
}

func (w *world) wantLanded(want ...string) {
	w.t.Helper()
	if have := w.landed(); !slices.Equal(have, want) {
		w.t.Fatalf("in the room: %v, want %v", have, want)
	}
}

func TestATimeoutFutureIsSentWhenItsTimerRunsOutAndItsTokensAreSpent(t *testing.T) {
	w := newWorld(t, Options{})
	f := w.future(w.alice, "leave", "future_timeout=5000")
	w.clock.advance(4999 * time.Millisecond)
	w.wantLanded()
	w.clock.advance(time.Millisecond)
	w.wantLanded("leave")
	w.spent(f, "send", "cancel", "refresh")
}

func TestTheTokensOfAFutureAre128BitUrlSafeBase64(t *testing.T) {
	w := newWorld(t, Options{})
	f := w.future(w.alice, "leave", "future_timeout=5000")
	for _, verb := range []string{"send", "cancel", "refresh"} {
		raw, err := base64.RawURLEncoding.DecodeString(f[verb+"_token"].(string))
		if err != nil || len(raw) != 16 {
			t.Errorf("%s_token is %v", verb, f[verb+"_token"])
		}
	}
	if len(f) != 4 {
		t.Errorf("the answer is %v", f)
	}
}

func TestARefreshStartsTheOriginalTimeoutAgain(t *testing.T) {
	w := newWorld(t, Options{})
	f := w.future(w.alice, "leave", "future_timeout=5000")
	for range 3 {
		w.clock.advance(4 * time.Second)
		w.use(f, "refresh")
	}
	w.clock.advance(4999 * time.Millisecond)
	w.wantLanded()
	w.clock.advance(time.Millisecond)
	w.wantLanded("leave")
}

func TestASendTokenSendsItsFutureAndEndsTheGroup(t *testing.T) {
	w := newWorld(t, Options{})
	timeout := w.future(w.alice, "timeout", "future_timeout=5000")
	action := w.future(w.alice, "action", inGroup(timeout))
	if action["refresh_token"] != nil || action["future_group_id"] != timeout["future_group_id"] {
		t.Fatalf("the action future is %v", action)
	}
	w.use(action, "send")
	w.wantLanded("action")
	w.spent(timeout, "send", "cancel", "refresh")
	w.spent(action, "send")
	w.clock.advance(time.Minute)
	w.wantLanded("action")
}

func TestOfTwoTimeoutFuturesOfOneGroupOnlyTheEarlierIsSent(t *testing.T) {
	w := newWorld(t, Options{})
	late := w.future(w.alice, "late", "future_timeout=9000")
	w.future(w.alice, "early", "future_timeout=3000&"+inGroup(late))
	w.clock.advance(time.Minute)
	w.wantLanded("early")
	w.spent(late, "refresh")
	if n := w.clock.pending(); n != 0 {
		t.Fatalf("%d timers left", n)
	}
}

func TestACancelTokenDropsOnlyItsFuture(t *testing.T) {
	w := newWorld(t, Options{})
	late := w.future(w.alice, "late", "future_timeout=9000")
	early := w.future(w.alice, "early", "future_timeout=3000&"+inGroup(late))
	action := w.future(w.alice, "action", inGroup(late))
	w.use(early, "cancel")
	w.use(action, "cancel")
	w.spent(early, "refresh")
	w.clock.advance(time.Minute)
	w.wantLanded("late")
}

func TestCancellingTheLastTimeoutFutureEndsTheGroupAndNothingIsSent(t *testing.T) {
	w := newWorld(t, Options{})
	timeout := w.future(w.alice, "timeout", "future_timeout=5000")
	action := w.future(w.alice, "action", inGroup(timeout))
	w.use(timeout, "cancel")
	w.spent(action, "send", "cancel")
	w.refused(http.StatusConflict, "M_UNKNOWN_FUTURE_GROUP", "PUT",
		w.roomPath("send_future/x/late?"+inGroup(timeout)), w.alice, map[string]any{})
	w.clock.advance(time.Minute)
	w.wantLanded()
}

func TestANewStateOfTheSameTypeAndKeyCancelsAStateFutureWhoeverSendsIt(t *testing.T) {
	for _, by := range []string{"alice", "moderator"} {
		w := newWorld(t, Options{})
		sender := map[string]Account{"alice": w.alice, "moderator": w.moderator}[by]
		future := func(key string) map[string]any {
			return w.ok("PUT", w.roomPath("state_future/member/"+key+"?future_timeout=5000"), w.alice, map[string]any{"left": true})
		}
		hit, other := future("_A"), future("_B")
		w.ok("PUT", w.roomPath("state/member/_A"), sender, map[string]any{"n": 1})
		w.spent(hit, "refresh", "send")
		w.use(other, "refresh")
		w.clock.advance(time.Minute)
		if state := w.ok("GET", w.roomPath("state/member/_A"), w.alice, nil); state["n"] != 1.0 {
			t.Errorf("by %s: the cancelled future was sent: %v", by, state)
		}
		if state := w.ok("GET", w.roomPath("state/member/_B"), w.alice, nil); state["left"] != true {
			t.Errorf("by %s: the future of another key was not sent: %v", by, state)
		}
	}
}

func TestAStateFutureWithAnEmptyKeyMayLeaveTheKeyOutOfThePath(t *testing.T) {
	w := newWorld(t, Options{})
	for _, path := range []string{"state_future/member?future_timeout=1", "state_future/other/?future_timeout=1"} {
		w.ok("PUT", w.roomPath(path), w.alice, map[string]any{"path": path})
	}
	w.clock.advance(time.Second)
	w.ok("GET", w.roomPath("state/member/"), w.alice, nil)
	w.ok("GET", w.roomPath("state/other"), w.alice, nil)
}

func TestEveryPathFormOfTheDraftReachesTheSameFutures(t *testing.T) {
	w := newWorld(t, Options{})
	for _, base := range []string{"v3", "v1", "unstable/org.matrix.msc4140"} {
		base = "/_matrix/client/" + base
		f := w.ok("PUT", base+"/rooms/"+w.room+"/send_future/"+futureKind+"/t?future_timeout=5000&access_token="+w.alice.AccessToken,
			Account{}, map[string]any{"name": base})
		w.ok("POST", base+"/future/"+f["refresh_token"].(string), Account{}, "")
		recorder := w.do("GET", base+"/future", w.alice, nil)
		var list []map[string]any
		if err := json.Unmarshal(recorder.Body.Bytes(), &list); err != nil {
			t.Fatalf("GET %s/future: %v in %s", base, err, recorder.Body)
		}
		if strings.Contains(recorder.Body.String(), w.alice.AccessToken) {
			t.Fatal("the list gives the access token away")
		}
		if len(list) != 1 || !strings.Contains(list[0]["url"].(string), "/send_future/") ||
			list[0]["response"].(map[string]any)["send_token"] != f["send_token"] || list[0]["body"].(map[string]any)["name"] == nil {
			t.Fatalf("GET %s/future: %s", base, recorder.Body)
		}
		w.ok("POST", base+"/future/"+f["cancel_token"].(string), Account{}, map[string]any{})
		// the transaction is done, whatever became of the future: the next form needs one of its own
		w.server.mu.Lock()
		clear(w.server.transactions)
		w.server.mu.Unlock()
	}
	w.clock.advance(time.Minute)
	w.wantLanded()
}

func TestTheSameTransactionIsTheSameFuture(t *testing.T) {
	w := newWorld(t, Options{})
	first := w.future(w.alice, "leave", "future_timeout=5000")
	if again := w.future(w.alice, "leave", "future_timeout=5000"); again["send_token"] != first["send_token"] {
		t.Fatalf("got %v, then %v", first, again)
	}
	w.clock.advance(time.Minute)
	w.wantLanded("leave")
}

func TestWhatTheDraftForbidsIsRefusedWithItsStatus(t *testing.T) {
	w := newWorld(t, Options{MaxDelayMs: 60_000})
	theirs := w.future(w.moderator, "theirs", "future_timeout=5000")
	for _, c := range []struct {
		query  string
		status int
		code   string
	}{
		{"", 400, codeMissingParam},
		{"future_group_id=", 400, codeMissingParam},
		{"future_timeout=-1", 400, codeInvalidParam},
		{"future_timeout=1.5", 400, codeInvalidParam},
		{"future_timeout=soon", 400, codeInvalidParam},
		{"future_timeout=60001", 400, "M_FUTURE_MAX_TIMEOUT_EXCEEDED"},
		{"future_group_id=nobodys", 409, "M_UNKNOWN_FUTURE_GROUP"},
		{inGroup(theirs), 405, codeForbidden},
		{"future_timeout=10&" + inGroup(theirs), 405, codeForbidden},
	} {
		w.refused(c.status, c.code, "PUT", w.roomPath("send_future/x/t?"+c.query), w.alice, map[string]any{})
	}
	w.refused(http.StatusUnauthorized, codeMissingToken, "PUT", w.roomPath("send_future/x/t?future_timeout=1"), Account{}, map[string]any{})
	w.refused(http.StatusMethodNotAllowed, codeUnrecognized, "GET", "/_matrix/client/v3/future/token", w.alice, nil)
	w.clock.advance(time.Minute)
	if n := w.count("x"); n != 0 {
		t.Fatalf("%d refused futures were sent", n)
	}
}

func TestTheGroupIdOfAnEndedGroupMayBeUsedAnew(t *testing.T) {
	w := newWorld(t, Options{})
	first := w.future(w.alice, "first", "future_timeout=10&future_group_id=mine")
	w.use(first, "cancel")
	second := w.future(w.moderator, "second", "future_timeout=10&future_group_id=mine")
	if second["future_group_id"] != "mine" {
		t.Fatalf("got %v", second)
	}
	w.clock.advance(time.Second)
	w.wantLanded("second")
}

func TestAnAddressThatGuessesTokensIsLockedOutForAWhile(t *testing.T) {
	w := newWorld(t, Options{})
	f := w.future(w.alice, "leave", "future_timeout=60000")
	guess := func(status int, code string) map[string]any {
		return w.refused(status, code, "POST", "/_matrix/client/v3/future/guess", Account{}, nil)
	}
	for range 5 {
		guess(http.StatusGone, codeNotFound)
	}
	w.use(f, "refresh") // a good one in between: the count starts over
	for range 5 {
		guess(http.StatusGone, codeNotFound)
	}
	if wait := guess(http.StatusTooManyRequests, codeLimitExceeded)["retry_after_ms"]; wait != 10_000.0 {
		t.Fatalf("retry_after_ms is %v", wait)
	}
	good := "/_matrix/client/v3/future/" + f["refresh_token"].(string)
	w.clock.advance(9999 * time.Millisecond)
	w.refused(http.StatusTooManyRequests, codeLimitExceeded, "POST", good, Account{}, nil)
	w.clock.advance(time.Millisecond)
	w.ok("POST", good, Account{}, nil)
	guess(http.StatusGone, codeNotFound)
}

func TestPowerIsCheckedWhenAFutureIsSentAndNotWhenItIsScheduled(t *testing.T) {
	w := newWorld(t, Options{})
	w.ok("PUT", w.roomPath("state/m.room.power_levels"), w.moderator, map[string]any{
		"users": map[string]any{w.moderator.UserID: 100}, "events": map[string]any{futureKind: 50},
	})
	f := w.future(w.alice, "byToken", "future_timeout=5000")
	w.refused(http.StatusForbidden, codeForbidden, "POST", "/_matrix/client/v3/future/"+f["send_token"].(string), Account{}, nil)
	w.future(w.alice, "byTimer", "future_timeout=5000")
	w.clock.advance(time.Minute)
	w.wantLanded()
}

func TestWithoutLegacyFuturesTheirPathsAreUnrecognized(t *testing.T) {
	w := newWorld(t, Options{NoLegacyFutures: true})
	w.refused(http.StatusNotFound, codeUnrecognized, "PUT", w.roomPath("send_future/x/t?future_timeout=1"), w.alice, map[string]any{})
	w.refused(http.StatusNotFound, codeUnrecognized, "POST", "/_matrix/client/v3/future/token", Account{}, nil)
}

func TestTheOldParametersOnTheNewEndpointSendAtOnce(t *testing.T) {
	w := newWorld(t, Options{})
	answer := w.ok("PUT", w.roomPath("send/"+futureKind+"/t?future_timeout=60000"), w.alice, map[string]any{"name": "at once"})
	if answer["event_id"] == nil {
		t.Fatalf("got %v", answer)
	}
	w.wantLanded("at once")
}
