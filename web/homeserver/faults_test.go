package homeserver

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// served is a world behind a real listener: a broken connection shows on a real client only.
type served struct {
	*world
	http *httptest.Server
}

func newServed(t *testing.T, options Options) *served {
	w := newWorld(t, options)
	s := &served{w, httptest.NewServer(w.server)}
	t.Cleanup(s.http.Close)
	return s
}

// reach sends one request over the wire; the status of a broken connection is 0.
func (s *served) reach(method, path string, as Account, body string) (int, http.Header, map[string]any) {
	s.t.Helper()
	r, err := http.NewRequest(method, s.http.URL+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+as.AccessToken)
	r.Close = true // on a connection it used before, net/http would try a lost GET again
	response, err := s.http.Client().Do(r)
	if err != nil {
		return 0, nil, nil
	}
	defer response.Body.Close()
	raw, _ := io.ReadAll(response.Body)
	var answer map[string]any
	json.Unmarshal(raw, &answer) // a proxy's answer is no JSON
	return response.StatusCode, response.Header, answer
}

func (s *served) set(f Faults) {
	s.t.Helper()
	if err := s.server.SetFaults(f); err != nil {
		s.t.Fatal(err)
	}
}

// events looks into the room past the wire's faults.
func (s *served) events() int {
	s.t.Helper()
	before := s.server.Faults()
	s.set(Faults{})
	defer s.set(before)
	return s.count("x")
}

func TestAServerThatIsDownAnswersNobodyAndKeepsItsTimers(t *testing.T) {
	s := newServed(t, Options{})
	s.delay("send/x/1", s.alice, 1000, map[string]any{})
	stream, err := s.http.Client().Get(s.http.URL + ownBase + "/rooms/" + s.room + "/stream?access_token=" + s.alice.AccessToken)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Body.Close()
	s.set(Faults{Down: DownAbort})
	if _, err := io.ReadAll(stream.Body); err == nil {
		t.Error("the stream ended as if in peace")
	}
	for _, method := range []string{"PUT", "OPTIONS"} {
		if status, _, _ := s.reach(method, s.roomPath("send/x/2"), s.alice, "{}"); status != 0 {
			t.Errorf("%s: status %d", method, status)
		}
	}
	s.clock.advance(time.Second)
	if n := s.events(); n != 1 {
		t.Errorf("%d events: the timer's and no other", n)
	}
	s.set(Faults{})
	if status, _, _ := s.reach("PUT", s.roomPath("send/x/2"), s.alice, "{}"); status != 200 {
		t.Errorf("back again: %d", status)
	}
}

func TestAServerThatIsStoppedSendsWhatFellDueWhenItIsBackAndNothingBefore(t *testing.T) {
	for _, end := range []string{"by itself", "by hand"} {
		s := newServed(t, Options{})
		began := s.clock.Now().UnixMilli()
		s.delay("send/x/1", s.alice, 1000, map[string]any{})
		s.delay("send/x/2", s.alice, 4000, map[string]any{})
		s.future(s.alice, "future", "future_timeout=2000")
		faults := Faults{Down: DownStopped}
		if end == "by itself" {
			faults.ForMs = 3000
		}
		s.set(faults)
		for _, method := range []string{"POST", "OPTIONS"} {
			if status, _, _ := s.reach(method, s.roomPath("send/x/3"), s.alice, "{}"); status != 0 {
				t.Errorf("%s: status %d", method, status)
			}
		}
		s.clock.advance(2999 * time.Millisecond)
		s.server.mu.Lock()
		events := len(s.server.rooms[s.room].timeline)
		s.server.mu.Unlock()
		s.clock.advance(time.Millisecond)
		if end == "by hand" {
			s.clock.advance(time.Hour)
			s.set(Faults{})
			s.clock.advance(0)
		} else {
			s.clock.advance(0)
			if n := s.count("x"); n != 1 {
				t.Errorf("%s: %d events when it is back", end, n)
			}
			s.clock.advance(time.Second)
		}
		timeline := s.timeline(s.alice)
		if n := s.count("x"); n != 2 || len(s.landed()) != 1 || len(timeline) != events+3 {
			t.Errorf("%s: %d events and futures %v; %d in all, %d while it was stopped", end, n, s.landed(), len(timeline), events)
		}
		if at := int64(timeline[events]["origin_server_ts"].(float64)) - began; timeline[events]["type"] != "x" || at != 1000 {
			t.Errorf("%s: the first is %v at %d", end, timeline[events]["type"], at)
		}
		if n := s.clock.pending(); n != 0 {
			t.Errorf("%s: %d timers left", end, n)
		}
	}
}

func TestWhatIsScheduledOrRestartedWhileTheServerIsStoppedRunsFromThenOn(t *testing.T) {
	w := newWorld(t, Options{})
	if err := w.server.SetFaults(Faults{Down: DownStopped, ForMs: 5000}); err != nil {
		t.Fatal(err)
	}
	if err := w.server.SetFaults(Faults{Down: DownStopped}); err != nil { // the first one's end is not this one's
		t.Fatal(err)
	}
	if n := w.clock.pending(); n != 0 {
		t.Errorf("%d timers", n)
	}
	w.clock.advance(time.Minute)
	if f := w.server.Faults(); f.Down != DownStopped {
		t.Fatalf("%+v", f)
	}
	w.step(3_600_000)
	if err := w.server.SetFaults(Faults{}); err != nil {
		t.Fatal(err)
	}
	w.delay("send/x/1", w.alice, 1000, map[string]any{})
	w.clock.advance(time.Second)
	if n := w.count("x"); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestAServerThatWasStoppedHasForgottenWhatSynapseKeepsInMemory(t *testing.T) {
	w := newWorld(t, Options{ManagePerSecond: 1, ManageBurst: 1, MaxWrongTokens: 1})
	id := w.delay("send/x/1", w.alice, 60_000, map[string]any{})
	sent := w.ok("PUT", w.roomPath("send/y/1"), w.alice, map[string]any{})
	restart, guess := delayedPath("/"+id+"/restart"), "/_matrix/client/v3/future/guess"
	w.ok("POST", restart, w.alice, nil)
	w.refused(http.StatusTooManyRequests, codeLimitExceeded, "POST", restart, w.alice, nil)
	w.refused(http.StatusGone, codeNotFound, "POST", guess, Account{}, nil)
	w.refused(http.StatusTooManyRequests, codeLimitExceeded, "POST", guess, Account{}, nil)
	for _, f := range []Faults{{Down: DownStopped}, {}} {
		if err := w.server.SetFaults(f); err != nil {
			t.Fatal(err)
		}
	}
	w.ok("POST", restart, w.alice, nil)
	w.refused(http.StatusGone, codeNotFound, "POST", guess, Account{}, nil)
	if again := w.delay("send/x/1", w.alice, 60_000, map[string]any{}); again == id {
		t.Error("the transaction of a delayed event is remembered")
	}
	if again := w.ok("PUT", w.roomPath("send/y/1"), w.alice, map[string]any{}); again["event_id"] != sent["event_id"] {
		t.Error("the transaction of an event is forgotten")
	}
}

func TestBehindAGatewayADownServerIsA502ThatNoPageMayRead(t *testing.T) {
	s := newServed(t, Options{})
	s.set(Faults{Down: DownGateway})
	status, header, _ := s.reach("PUT", s.roomPath("send/x/1"), s.alice, "{}")
	if status != http.StatusBadGateway || header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%d %v", status, header)
	}
	if n := s.events(); n != 0 {
		t.Errorf("%d events", n)
	}
}

func TestALostRequestDoesNothingAndALostAnswerHidesWhatWasDone(t *testing.T) {
	s := newServed(t, Options{})
	s.set(Faults{LoseRequests: 1})
	if status, _, _ := s.reach("PUT", s.roomPath("send/x/1"), s.alice, "{}"); status != 0 || s.events() != 0 {
		t.Errorf("request lost: status %d, %d events", status, s.events())
	}
	s.set(Faults{LoseAnswers: 1})
	if status, _, _ := s.reach("PUT", s.roomPath("send/x/1"), s.alice, "{}"); status != 0 || s.events() != 1 {
		t.Errorf("answer lost: status %d, %d events", status, s.events())
	}
	if status, _, _ := s.reach("OPTIONS", s.roomPath("send/x/1"), s.alice, ""); status != 204 {
		t.Errorf("a preflight: %d", status)
	}
}

func TestAShareOfRequestsIsLostAndTheRestIsAnswered(t *testing.T) {
	s := newServed(t, Options{})
	s.set(Faults{LoseRequests: 0.5, Only: "/capabilities"})
	lost := 0
	for range 400 {
		if status, _, _ := s.reach("GET", "/_matrix/client/v3/capabilities", s.alice, ""); status == 0 {
			lost++
		}
		if status, _, _ := s.reach("GET", "/_matrix/client/versions", s.alice, ""); status != 200 {
			t.Fatalf("another path: %d", status)
		}
	}
	if lost < 100 || lost > 300 { // ten standard deviations
		t.Errorf("%d of 400 lost", lost)
	}
}

func TestAFaultMayRefuseEverythingWithOneStatus(t *testing.T) {
	w := newWorld(t, Options{})
	for _, c := range []struct {
		faults Faults
		code   string
	}{
		{Faults{Status: 500}, codeUnknown},
		{Faults{Status: 429, RetryAfterMs: 2500}, codeLimitExceeded},
		{Faults{Status: 401}, codeUnknownToken},
		{Faults{Status: 404}, codeNotFound},
		{Faults{Status: 404, Errcode: codeUnrecognized}, codeUnrecognized},
	} {
		if err := w.server.SetFaults(c.faults); err != nil {
			t.Fatal(err)
		}
		answer := w.refused(c.faults.Status, c.code, "PUT", w.roomPath("send/x/1"), w.alice, map[string]any{})
		if wait, told := answer["retry_after_ms"]; told != (c.faults.RetryAfterMs > 0) || told && wait != 2500.0 {
			t.Errorf("%+v: retry_after_ms %v", c.faults, wait)
		}
		if code := w.do("OPTIONS", w.roomPath("send/x/1"), Account{}, nil).Code; code != 204 {
			t.Errorf("%+v: a preflight is answered %d", c.faults, code)
		}
	}
	if err := w.server.SetFaults(Faults{}); err != nil {
		t.Fatal(err)
	}
	if n := w.count("x"); n != 0 {
		t.Errorf("%d events of refused requests", n)
	}
}

func TestAFaultOnSomePathsLeavesTheOthersAlone(t *testing.T) {
	w := newWorld(t, Options{})
	id := w.delay(leaveState, w.alice, 1000, map[string]any{})
	if err := w.server.SetFaults(Faults{Status: 500, Only: "/delayed_events/"}); err != nil {
		t.Fatal(err)
	}
	w.refused(500, codeUnknown, "POST", delayedPath("/"+id+"/restart"), Account{}, nil)
	w.ok("GET", delayedPath(""), w.alice, nil)
	w.ok("PUT", w.roomPath("send/x/1"), w.alice, map[string]any{})
}

func TestFaultsWithADurationEndByThemselves(t *testing.T) {
	w := newWorld(t, Options{})
	if err := w.server.SetFaults(Faults{Status: 500, ForMs: 2000}); err != nil {
		t.Fatal(err)
	}
	w.clock.advance(1999 * time.Millisecond)
	w.refused(500, codeUnknown, "GET", "/_matrix/client/versions", Account{}, nil)
	w.clock.advance(time.Millisecond)
	w.ok("GET", "/_matrix/client/versions", Account{}, nil)
	if f := w.server.Faults(); f != (Faults{}) {
		t.Errorf("still told of: %+v", f)
	}
}

func TestALateAnswerTellsOfWhatWasDoneAtOnce(t *testing.T) {
	w := newWorld(t, Options{})
	if err := w.server.SetFaults(Faults{LateMs: 3000, Only: "/send/"}); err != nil {
		t.Fatal(err)
	}
	answered := make(chan int, 1)
	go func() { answered <- w.do("PUT", w.roomPath("send/x/1"), w.alice, map[string]any{}).Code }()
	for w.count("x") == 0 || w.clock.pending() == 0 {
		time.Sleep(time.Millisecond)
	}
	w.clock.advance(2999 * time.Millisecond)
	select {
	case code := <-answered:
		t.Fatalf("answered %d too soon", code)
	case <-time.After(20 * time.Millisecond):
	}
	w.clock.advance(time.Millisecond)
	if code := <-answered; code != 200 {
		t.Errorf("answered %d", code)
	}
}

func TestAServerThatForgetsItsScheduledEventsSendsNoneAndKnowsNone(t *testing.T) {
	w := newWorld(t, Options{})
	id := w.delay(leaveState, w.alice, 1000, map[string]any{})
	f := w.future(w.alice, "forgotten", "future_timeout=1000")
	w.server.ForgetScheduled()
	w.refused(http.StatusNotFound, codeNotFound, "POST", delayedPath("/"+id+"/restart"), Account{}, nil)
	w.refused(http.StatusGone, codeNotFound, "POST", "/_matrix/client/v3/future/"+f["refresh_token"].(string), Account{}, nil)
	w.clock.advance(time.Minute)
	if n := w.count("org.matrix.msc3401.call.member") + len(w.landed()); n != 0 {
		t.Errorf("%d events", n)
	}
	if w.clock.pending() != 0 {
		t.Error("a timer was left behind")
	}
	w.delay(leaveState, w.alice, 1000, map[string]any{})
	w.clock.advance(time.Second)
	if n := w.count("org.matrix.msc3401.call.member"); n != 1 {
		t.Errorf("%d events scheduled afterwards", n)
	}
}

func TestFaultsThatCannotBeAreRefused(t *testing.T) {
	w := newWorld(t, Options{})
	for _, f := range []Faults{
		{Down: "sideways"}, {Down: DownStopped, Only: "/send/"}, {LoseRequests: 1.5}, {LoseAnswers: -1}, {Status: 200}, {Status: 600}, {LateMs: -1}, {ForMs: -1}, {RetryAfterMs: -1},
	} {
		if err := w.server.SetFaults(f); err == nil {
			t.Errorf("accepted: %+v", f)
		}
	}
	w.ok("GET", "/_matrix/client/versions", Account{}, nil)
}
