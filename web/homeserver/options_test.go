package homeserver

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

const oneSecondDelay = "?org.matrix.msc4140.delay=1000"

func TestUpToSynapse1126TheOwnersNewStateCancelsADelayedEventToo(t *testing.T) {
	w := newWorld(t, Options{OwnStateCancels: true})
	id := w.delay(leaveState, w.alice, 5000, map[string]any{})
	other := w.delay("state/org.matrix.msc3401.call.member/_OTHER", w.alice, 5000, map[string]any{})
	w.ok("PUT", w.roomPath(leaveState), w.alice, map[string]any{"n": 1})
	w.refused(http.StatusNotFound, codeNotFound, "POST", delayedPath("/"+id+"/restart"), Account{}, nil)
	w.ok("POST", delayedPath("/"+other+"/restart"), Account{}, nil)
	w.clock.advance(4 * time.Second)
	if n := w.count("org.matrix.msc3401.call.member"); n != 1 {
		t.Fatalf("%d events: the cancelled one must not be sent", n)
	}
}

func TestEachFormOfTheTooLongErrorTellsTheLimitInItsOwnPlace(t *testing.T) {
	for form, want := range map[TooLongForm]struct {
		status  int
		code    string
		members map[string]any
		prose   bool
	}{
		"":                    {403, "M_FORBIDDEN", nil, true},
		TooLongForbidden:      {403, "M_FORBIDDEN", nil, true},
		TooLongInvalidParam:   {400, "M_INVALID_PARAM", nil, false},
		TooLongPrefixed:       {400, "ORG.MATRIX.MSC4140_MAX_DELAY_EXCEEDED", map[string]any{"org.matrix.msc4140.max_delay": 5000.0}, false},
		TooLongMaxDelay:       {400, "M_MAX_DELAY_EXCEEDED", map[string]any{"max_delay": 5000.0}, false},
		TooLongFutureMaxDelay: {400, "M_FUTURE_MAX_DELAY_EXCEEDED", map[string]any{"max_delay": 5000.0}, false},
		TooLongUnstable: {400, "M_UNKNOWN", map[string]any{
			"org.matrix.msc4140.errcode": "M_MAX_DELAY_EXCEEDED", "org.matrix.msc4140.max_delay": 5000.0,
		}, false},
	} {
		w := newWorld(t, Options{MaxDelayMs: 5000, TooLong: form})
		answer := w.refused(want.status, want.code, "PUT", w.roomPath(leaveState+"?org.matrix.msc4140.delay=5001"), w.alice, map[string]any{})
		if strings.Contains(answer["error"].(string), "5000ms") != want.prose {
			t.Errorf("%s: %v", form, answer)
		}
		delete(answer, "errcode")
		delete(answer, "error")
		if !maps.Equal(answer, want.members) {
			t.Errorf("%s: members %v, want %v", form, answer, want.members)
		}
		w.delay(leaveState, w.alice, 5000, map[string]any{})
	}
	if forms := tooLongForms(); len(forms) != 6 || slices.Contains(forms, "") {
		t.Errorf("forms: %q", forms)
	}
}

func TestManagingDelayedEventsIsLimitedToABurstAndSoManyASecond(t *testing.T) {
	w := newWorld(t, Options{ManagePerSecond: 1, ManageBurst: 5})
	id := w.delay(leaveState, w.alice, 60_000, map[string]any{})
	restart := delayedPath("/" + id + "/restart")
	for range 5 {
		w.ok("POST", restart, w.alice, nil)
	}
	answer := w.refused(http.StatusTooManyRequests, codeLimitExceeded, "POST", restart, w.alice, nil)
	if answer["retry_after_ms"] != 1000.0 {
		t.Fatalf("retry_after_ms is %v", answer["retry_after_ms"])
	}
	w.clock.advance(400 * time.Millisecond)
	recorder := w.do("POST", restart, w.alice, nil) // a refused try has not counted
	if recorder.Code != http.StatusTooManyRequests || !strings.Contains(recorder.Body.String(), `"retry_after_ms":600`) ||
		recorder.Header().Get("Retry-After") != "1" {
		t.Fatalf("%d %s %v", recorder.Code, recorder.Body, recorder.Header())
	}
	w.clock.advance(600 * time.Millisecond)
	w.ok("POST", restart, w.alice, nil)
	w.refused(http.StatusTooManyRequests, codeLimitExceeded, "POST", restart, w.alice, nil)
	w.clock.advance(time.Hour) // no more than the burst is saved up
	for range 4 {
		w.refused(http.StatusNotFound, codeNotFound, "POST", restart, w.alice, nil) // counted, known or not
	}
	w.ok("GET", delayedPath(""), w.alice, nil) // so is the list
	w.refused(http.StatusTooManyRequests, codeLimitExceeded, "GET", delayedPath(""), w.alice, nil)
}

func TestTheLimitOfManagementIsEachDevicesOwnAndWithoutLoginEachAddresssOwn(t *testing.T) {
	w := newWorld(t, Options{ManagePerSecond: 1, ManageBurst: 1})
	id := w.delay(leaveState, w.alice, 60_000, map[string]any{})
	restart := delayedPath("/" + id + "/restart")
	for _, as := range []Account{w.alice, w.moderator, {}} {
		w.ok("POST", restart, as, nil)
		w.refused(http.StatusTooManyRequests, codeLimitExceeded, "POST", restart, as, nil)
	}
	w.ok("PUT", w.roomPath(leaveState), w.alice, map[string]any{"n": 1}) // sending is no management
	w.delay("send/x/1", w.alice, 1000, map[string]any{})
	// The action is checked before it is counted.
	w.refused(http.StatusBadRequest, codeInvalidParam, "POST", delayedPath("/"+id), w.alice, map[string]any{"action": "refresh"})
}

func TestWithoutALimitManagementIsNeverRefused(t *testing.T) {
	w := newWorld(t, Options{})
	id := w.delay(leaveState, w.alice, 60_000, map[string]any{})
	for range 1000 {
		w.ok("POST", delayedPath("/"+id+"/restart"), w.alice, nil)
	}
}

func TestInBatchesEventsAreSentAtTheNextMultipleOfTheBatchAndNeverEarly(t *testing.T) {
	w := newWorld(t, Options{BatchMs: 10_000}) // the fake clock starts at a multiple of it
	w.clock.advance(3 * time.Second)
	w.delay("send/x/1", w.alice, 5000, map[string]any{}) // due at 8
	w.delay("send/x/2", w.alice, 7000, map[string]any{}) // due at 10
	w.delay("send/x/3", w.alice, 7001, map[string]any{}) // due at 10.001
	w.future(w.alice, "batched", "future_timeout=16000") // due at 19
	w.ok("GET", delayedPath(""), w.alice, nil)           // so far at 3
	for _, step := range []struct{ ms, events, futures int }{{6999, 0, 0}, {1, 2, 0}, {9999, 2, 0}, {1, 3, 1}} {
		w.clock.advance(time.Duration(step.ms) * time.Millisecond)
		if events, futures := w.count("x"), len(w.landed()); events != step.events || futures != step.futures {
			t.Fatalf("at %v: %d events and %d futures, want %d and %d", w.clock.Now().UnixMilli()%100_000, events, futures, step.events, step.futures)
		}
	}
}

func TestOptionsMayBeChangedWhileTheServerRuns(t *testing.T) {
	w := newWorld(t, Options{})
	id := w.delay(leaveState, w.alice, 1000, map[string]any{})
	options := w.server.Options()
	if options.MaxDelayMs != 86_400_000 || options.TooLong != TooLongForbidden || options.ServerName != "hs.test" {
		t.Fatalf("defaults: %+v", options)
	}
	options.NoDelayedEvents, options.BatchMs, options.ServerName, options.Clock = true, 60_000, "other", nil
	if err := w.server.SetOptions(options); err != nil {
		t.Fatal(err)
	}
	w.refused(http.StatusForbidden, codeForbidden, "PUT", w.roomPath(leaveState+oneSecondDelay), w.alice, map[string]any{})
	w.clock.advance(time.Second)
	if n := w.count("org.matrix.msc3401.call.member"); n != 1 {
		t.Fatalf("%d events: a timer that runs already keeps its time", n)
	}
	w.refused(http.StatusNotFound, codeNotFound, "POST", delayedPath("/"+id+"/send"), Account{}, nil)
	if name := w.server.Options().ServerName; name != "hs.test" {
		t.Fatalf("the name was changed to %q", name)
	}
	options.NoDelayedEvents = false
	if err := w.server.SetOptions(options); err != nil {
		t.Fatal(err)
	}
	w.delay(leaveState, w.alice, 1000, map[string]any{})
	w.clock.advance(58 * time.Second)
	if n := w.count("org.matrix.msc3401.call.member"); n != 1 {
		t.Fatalf("%d events before the batch", n)
	}
}

func TestOptionsNoServerCanHaveAreRefusedAndChangeNothing(t *testing.T) {
	w := newWorld(t, Options{})
	before := w.server.Options()
	for _, wrong := range []func(*Options){
		func(o *Options) { o.MaxDelayMs = -1 },
		func(o *Options) { o.BatchMs = -1 },
		func(o *Options) { o.ManagePerSecond = 1 },
		func(o *Options) { o.ManagePerSecond, o.ManageBurst = -1, 1 },
		func(o *Options) { o.TooLong = "no such form" },
	} {
		options := before
		wrong(&options)
		if err := w.server.SetOptions(options); err == nil {
			t.Errorf("accepted: %+v", options)
		}
	}
	if w.server.Options() != before {
		t.Errorf("changed to %+v", w.server.Options())
	}
	defer func() {
		if text := fmt.Sprint(recover()); !strings.Contains(text, "tooLong must be one of") {
			t.Errorf("New: %q", text)
		}
	}()
	New(Options{TooLong: "no such form"})
}
