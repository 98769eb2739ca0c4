package homeserver

import "testing"

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
