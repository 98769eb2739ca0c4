package homeserver

import (
	"fmt"
	"net/http"
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

func TestTheLimitOfManagementIsEachUsersOwnAndWithoutLoginEachAddresssOwn(t *testing.T) {
	w := newWorld(t, Options{ManagePerSecond: 1, ManageBurst: 1})
	id := w.delay(leaveState, w.alice, 60_000, map[string]any{})
	restart := delayedPath("/" + id + "/restart")
	for _, as := range []Account{w.alice, w.moderator, {}} {
		w.ok("POST", restart, as, nil)
		w.refused(http.StatusTooManyRequests, codeLimitExceeded, "POST", restart, as, nil)
	}
	w.refused(http.StatusTooManyRequests, codeLimitExceeded, "POST", restart, w.anotherDevice(w.alice), nil)
	w.ok("PUT", w.roomPath(leaveState), w.alice, map[string]any{"n": 1}) // sending is no management
	w.delay("send/x/1", w.alice, 1000, map[string]any{})
	// The action is checked before it is counted.
	w.refused(http.StatusBadRequest, codeInvalidParam, "POST", delayedPath("/"+id), w.alice, map[string]any{"action": "refresh"})
}

// anotherDevice is a second login of an account.
func (w *world) anotherDevice(of Account) Account {
	w.server.mu.Lock()
	defer w.server.mu.Unlock()
	d := &device{user: w.server.devices[of.AccessToken].user, id: "OTHER", token: "syt_other"}
	w.server.devices[d.token] = d
	return Account{UserID: d.user.id, AccessToken: d.token, DeviceID: d.id}
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
	if options.MaxDelayMs != 86_400_000 || options.TooLong != "" || options.ServerName != "hs.test" {
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
		func(o *Options) { o.TooMany = "no such form" },
		func(o *Options) { o.Off = "no such form" },
		func(o *Options) { o.Finished = "no such form" },
		func(o *Options) { o.FutureErrors = "no such form" },
		func(o *Options) { o.Generation = "no such generation" },
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
	for text, options := range map[string]Options{
		"tooLong must be one of [\"delay-too-large\"":    {TooLong: "no such form"},
		"futureErrors is about the futures of June 2024": {NoLegacyFutures: true, FutureErrors: FutureErrorsByCode},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, text) {
					t.Errorf("New: %q", got)
				}
			}()
			New(options)
		}()
	}
}
