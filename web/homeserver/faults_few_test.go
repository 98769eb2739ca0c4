package homeserver

import (
	"testing"
	"time"
)

func TestFaultsMayEndAfterSoManyRequests(t *testing.T) {
	w := newWorld(t, Options{})
	id := w.delay(leaveState, w.alice, 60_000, map[string]any{})
	restart := delayedPath("/" + id + "/restart")
	if code, _, text := w.admin("POST", asJSON, `{"faults": {"status": 404, "errcode": "M_UNRECOGNIZED", "only": "/restart", "times": 2}}`); code != 200 {
		t.Fatalf("%d %s", code, text)
	}
	for left := 2; left > 0; left-- {
		if f := w.server.Faults(); f.Times != left {
			t.Errorf("%d requests to go: told of %+v", left, f)
		}
		w.ok("PUT", w.roomPath("send/x/1"), w.alice, map[string]any{}) // is not met
		w.do("OPTIONS", restart, Account{}, nil)                       // does not count
		w.refused(404, codeUnrecognized, "POST", restart, Account{}, nil)
	}
	w.ok("POST", restart, Account{}, nil)
	if f := w.server.Faults(); f != (Faults{}) {
		t.Errorf("still told of: %+v", f)
	}
}

func TestALoginThatIsRefusedMayBeOneToRenew(t *testing.T) {
	w := newWorld(t, Options{})
	for _, soft := range []bool{false, true} {
		if err := w.server.SetFaults(Faults{Status: 401, SoftLogout: soft}); err != nil {
			t.Fatal(err)
		}
		if answer := w.refused(401, codeUnknownToken, "PUT", w.roomPath("send/x/1"), w.alice, map[string]any{}); answer["soft_logout"] != soft {
			t.Errorf("soft_logout is %v", answer["soft_logout"])
		}
	}
}

func TestTimesIsForFaultsOfSingleRequests(t *testing.T) {
	w := newWorld(t, Options{})
	for _, f := range []Faults{{Down: DownAbort, Times: 1}, {Down: DownStopped, Times: 1}, {Status: 500, Times: -1}} {
		if err := w.server.SetFaults(f); err == nil {
			t.Errorf("accepted: %+v", f)
		}
	}
}

func TestASlowRequestIsOvertaken(t *testing.T) {
	w := newWorld(t, Options{})
	if err := w.server.SetFaults(Faults{SlowMs: 3000, Only: "/send/", Times: 1}); err != nil {
		t.Fatal(err)
	}
	answered := make(chan int, 1)
	go func() { answered <- w.do("PUT", w.roomPath("send/x/1"), w.alice, map[string]any{"n": "slow"}).Code }()
	for w.clock.pending() == 0 {
		time.Sleep(time.Millisecond)
	}
	w.ok("PUT", w.roomPath("send/x/2"), w.alice, map[string]any{"n": "fast"})
	w.clock.advance(2999 * time.Millisecond)
	if n := w.count("x"); n != 1 {
		t.Errorf("%d events before the slow one arrived", n)
	}
	w.clock.advance(time.Millisecond)
	if code := <-answered; code != 200 || w.count("x") != 2 {
		t.Errorf("answered %d, %d events", code, w.count("x"))
	}
}
