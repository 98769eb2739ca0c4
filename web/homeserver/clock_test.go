package homeserver

import (
	"net/http"
	"testing"
	"time"
)

func (w *world) step(ms int64) {
	w.t.Helper()
	if err := w.server.StepClock(ms); err != nil {
		w.t.Fatal(err)
	}
	w.clock.advance(0) // what is due at once
}

const memberType = "org.matrix.msc3401.call.member"

func TestAStepForwardSendsAtOnceWhatFallsWithinItStampedWithTheTimeItWasDue(t *testing.T) {
	w := newWorld(t, Options{})
	began := w.clock.Now().UnixMilli()
	w.delay("send/x/1", w.alice, 5000, map[string]any{})
	w.delay("send/x/2", w.alice, 9000, map[string]any{})
	w.delay("send/x/3", w.alice, 15_000, map[string]any{})
	w.future(w.alice, "early", "future_timeout=10000")
	w.clock.advance(time.Second)
	w.step(9000)
	w.wantLanded("early")
	var stamps []int64
	for _, e := range w.timeline(w.alice) {
		if e["type"] == "x" {
			stamps = append(stamps, int64(e["origin_server_ts"].(float64))-began)
		}
	}
	if len(stamps) != 2 || stamps[0] != 5000 || stamps[1] != 9000 {
		t.Fatalf("sent at %v after they were scheduled", stamps)
	}
	w.clock.advance(4999 * time.Millisecond)
	if n := w.count("x"); n != 2 {
		t.Fatalf("%d events: the third is due at 15 s of the wall", n)
	}
	w.clock.advance(time.Millisecond)
	if n := w.count("x"); n != 3 {
		t.Fatalf("%d events", n)
	}
}

func TestAStepBackMakesWhatIsScheduledLateByAsMuchAndARestartTakesTheNewWall(t *testing.T) {
	w := newWorld(t, Options{})
	began := w.clock.Now().UnixMilli()
	late := w.delay("send/x/1", w.alice, 5000, map[string]any{})
	restarted := w.delay("send/y/1", w.alice, 5000, map[string]any{})
	w.clock.advance(time.Second)
	w.step(-60_000)
	since := func(id string) int64 {
		for _, item := range w.ok("GET", delayedPath(""), w.alice, nil)["delayed_events"].([]any) {
			if item := item.(map[string]any); item["delay_id"] == id {
				return int64(item["running_since"].(float64)) - began
			}
		}
		t.Fatalf("%s is not scheduled", id)
		return 0
	}
	if got := since(late); got != 0 {
		t.Errorf("running_since moved by %d", got)
	}
	w.ok("POST", delayedPath("/"+restarted+"/restart"), Account{}, nil)
	if got := since(restarted); got != -59_000 {
		t.Errorf("restarted at %d of the wall", got)
	}
	e := w.ok("PUT", w.roomPath("send/z/1"), w.alice, map[string]any{})
	last := w.timeline(w.alice)
	if at := last[len(last)-1]; at["event_id"] != e["event_id"] || int64(at["origin_server_ts"].(float64))-began != -59_000 {
		t.Errorf("a new event is stamped %v", at["origin_server_ts"])
	}
	w.clock.advance(4999 * time.Millisecond)
	if w.count("y") != 0 {
		t.Fatal("the restarted one is early")
	}
	w.clock.advance(time.Millisecond)
	if w.count("y") != 1 || w.count("x") != 0 {
		t.Fatal("the restarted one goes by the new wall, the other by the old")
	}
	w.clock.advance(58_999 * time.Millisecond) // 1 + 5 + 58.999 of 5 + 60
	if w.count("x") != 0 {
		t.Fatal("early")
	}
	w.clock.advance(time.Millisecond)
	if w.count("x") != 1 {
		t.Fatal("the wall has reached its time")
	}
}

func TestStepsAddUpAndAgeFollowsTheWall(t *testing.T) {
	w := newWorld(t, Options{})
	w.ok("PUT", w.roomPath("send/x/1"), w.alice, map[string]any{})
	for _, ms := range []int64{3_600_000, -3_600_000, 7000, -2000} {
		w.step(ms)
	}
	last := w.timeline(w.alice)
	if age := last[len(last)-1]["unsigned"].(map[string]any)["age"]; age != 5000.0 {
		t.Errorf("age %v", age)
	}
	if _, _, text := w.admin("GET", "", ""); !hasMember(text, "clockStepMs", 5000.0) {
		t.Errorf("told: %s", text)
	}
	for _, ms := range []int64{maxStepMs - 4999, -maxStepMs - 5001, 1 << 62, -1 << 63} {
		if w.server.StepClock(ms) == nil {
			t.Errorf("stepped by %d", ms)
		}
	}
}

func TestAStepEndsNoFaultAndProlongsNone(t *testing.T) {
	w := newWorld(t, Options{})
	if err := w.server.SetFaults(Faults{Status: 500, ForMs: 2000}); err != nil {
		t.Fatal(err)
	}
	w.step(3_600_000)
	w.refused(500, codeUnknown, "GET", "/_matrix/client/versions", Account{}, nil)
	w.step(-3_600_000)
	w.clock.advance(2 * time.Second)
	w.ok("GET", "/_matrix/client/versions", Account{}, nil)
	w.step(3_600_000)
	if err := w.server.SetFaults(Faults{Status: 500, ForMs: 2000}); err != nil {
		t.Fatal(err)
	}
	w.clock.advance(2 * time.Second)
	w.ok("GET", "/_matrix/client/versions", Account{}, nil)
}

func TestAfterAStepBackWhoHadUsedTheLimiterIsShutOutUntilTheWallIsBack(t *testing.T) {
	w := newWorld(t, Options{ManagePerSecond: 1, ManageBurst: 5})
	id := w.delay(leaveState, w.alice, 600_000, map[string]any{})
	restart := delayedPath("/" + id + "/restart")
	w.ok("POST", restart, w.moderator, nil)
	w.clock.advance(time.Second) // the moderator's is empty again, and forgotten
	w.ok("POST", restart, w.alice, nil)
	w.step(-100_000)
	w.ok("POST", restart, w.moderator, nil)
	answer := w.refused(http.StatusTooManyRequests, codeLimitExceeded, "POST", restart, w.alice, nil)
	if answer["retry_after_ms"] != 97_000.0 { // 1 + 100 in it, 4 is room for one
		t.Errorf("retry_after_ms is %v", answer["retry_after_ms"])
	}
	w.step(100_000)
	w.ok("POST", restart, w.alice, nil)
}

func TestOfSeveralForOneStateThatAreDueInOneRoundOnlyTheFirstThatCanBeSentIsSent(t *testing.T) {
	w := newWorld(t, Options{})
	w.delay(leaveState, w.alice, 3000, map[string]any{"n": 3})
	w.delay(leaveState, w.alice, 2000, map[string]any{"n": 2})
	w.delay(leaveState, w.alice, 1000, map[string]any{"n": 1.5}) // is refused when it is sent
	w.delay("state/"+memberType+"/_OTHER", w.alice, 3000, map[string]any{"n": 4})
	w.delay("send/x/1", w.alice, 3000, map[string]any{})
	w.delay("send/x/2", w.alice, 3000, map[string]any{})
	w.delay(leaveState, w.alice, 5000, map[string]any{"n": 5})
	w.step(4000)
	if state := w.ok("GET", w.roomPath(leaveState), w.alice, nil); state["n"] != 2.0 {
		t.Errorf("the state is %v", state)
	}
	if n, x := w.count(memberType), w.count("x"); n != 2 || x != 2 {
		t.Errorf("%d states and %d messages", n, x)
	}
	if list := w.ok("GET", delayedPath(""), w.alice, nil)["delayed_events"].([]any); len(list) != 1 {
		t.Errorf("still scheduled: %v", list)
	}
	w.clock.advance(time.Second)
	if state := w.ok("GET", w.roomPath(leaveState), w.alice, nil); state["n"] != 5.0 {
		t.Errorf("what is due in the next round is sent: %v", state)
	}
}
