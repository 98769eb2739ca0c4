package homeserver

import (
	"bufio"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

const lifePath = "/_matrix/client/unstable/widget_futures/scheduled/stream"

// follow reads a life stream over a real connection; next returns its next message, nil at its end.
func follow(t *testing.T, base string, as Account) (next func() map[string]any) {
	t.Helper()
	patient := http.Client{Timeout: 20 * time.Second} // a message that never comes is a failure, not a hang
	response, err := patient.Get(base + lifePath + "?access_token=" + url.QueryEscape(as.AccessToken))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if got := response.Header.Get("Content-Type"); got != "text/event-stream" || response.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Fatalf("headers %v", response.Header)
	}
	lines := bufio.NewScanner(response.Body)
	return func() map[string]any {
		for lines.Scan() {
			value, found := strings.CutPrefix(lines.Text(), "data: ")
			if !found {
				continue
			}
			for _, secret := range []string{"token", "delay_id", idPrefix} {
				if strings.Contains(value, secret) {
					t.Errorf("a secret in %s", value)
				}
			}
			var message map[string]any
			if err := json.Unmarshal([]byte(value), &message); err != nil {
				t.Fatal(err)
			}
			return message
		}
		return nil
	}
}

// followed is a world whose alice is followed; the reset of the beginning is read.
func followed(t *testing.T) (*world, func() map[string]any) {
	t.Helper()
	w := newWorld(t, Options{})
	next := follow(t, w.listen(), w.alice)
	if first := next(); first["change"] != "reset" || first["now"] != float64(w.clock.Now().UnixMilli()) {
		t.Fatalf("the stream begins with %v", first)
	}
	return w, next
}

// listen serves the world's server on a real port.
func (w *world) listen() string {
	w.t.Helper()
	web := httptest.NewServer(w.server)
	w.t.Cleanup(web.Close)
	w.t.Cleanup(w.server.Close) // before that: it ends the streams
	return web.URL
}

// ends reads so many messages, which must be ends, and returns how by id.
func ends(t *testing.T, next func() map[string]any, n int) map[string]any {
	t.Helper()
	hows := map[string]any{}
	for range n {
		message := next()
		if message["change"] != "ended" {
			t.Fatalf("got %v", message)
		}
		hows[message["id"].(string)] = message["how"]
	}
	return hows
}

func wantEnds(t *testing.T, have map[string]any, want map[string]any) {
	t.Helper()
	if !maps.Equal(have, want) {
		t.Errorf("ended: %v, want %v", have, want)
	}
}

// scheduledID reads a message that must tell of something scheduled, and returns its id.
func scheduledID(t *testing.T, next func() map[string]any) string {
	t.Helper()
	message := next()
	if message["change"] != "scheduled" {
		t.Fatalf("got %v", message)
	}
	return message["id"].(string)
}

func TestTheLifeStreamDescribesWhatIsScheduledByBothGenerations(t *testing.T) {
	w, next := followed(t)
	began := float64(w.clock.Now().UnixMilli())
	group := w.future(w.alice, "timeout", "future_timeout=5000")["future_group_id"].(string)
	w.future(w.alice, "action", "future_group_id="+group)
	w.delay(leaveState, w.alice, 7000, map[string]any{"n": 1})
	want := []map[string]any{
		{"generation": "futures", "type": futureKind, "content": map[string]any{"name": "timeout"}, "delay_ms": 5000.0, "group_id": group},
		{"generation": "futures", "type": futureKind, "content": map[string]any{"name": "action"}, "group_id": group},
		{
			"generation": "delayed_events", "type": "org.matrix.msc3401.call.member", "state_key": "_DEV",
			"content": map[string]any{"n": 1.0}, "delay_ms": 7000.0,
		},
	}
	again := follow(t, w.listen(), w.alice)
	again() // reset
	for i := range want {
		maps.Copy(want[i], map[string]any{"change": "scheduled", "room_id": w.room, "running_since": began, "now": began})
		for _, read := range []func() map[string]any{next, again} {
			have := read()
			want[i]["id"] = have["id"]
			if string(encode(have)) != string(encode(want[i])) {
				t.Errorf("got  %s\nwant %s", encode(have), encode(want[i]))
			}
		}
	}
}

func TestTheLifeStreamTellsOfEachEndHowItCame(t *testing.T) {
	w, next := followed(t)

	f := w.future(w.alice, "fires", "future_timeout=5000")
	a := scheduledID(t, next)
	w.future(w.alice, "beside", inGroup(f))
	b := scheduledID(t, next)
	w.clock.advance(5 * time.Second)
	wantEnds(t, ends(t, next, 2), map[string]any{a: "fired", b: "group"})

	f = w.future(w.alice, "timeout0", "future_timeout=5000")
	a = scheduledID(t, next)
	action := w.future(w.alice, "action0", inGroup(f))
	b = scheduledID(t, next)
	w.use(action, "send")
	wantEnds(t, ends(t, next, 2), map[string]any{a: "group", b: "sent"})

	f = w.future(w.alice, "timeout1", "future_timeout=5000")
	a = scheduledID(t, next)
	w.future(w.alice, "action1", inGroup(f))
	b = scheduledID(t, next)
	w.use(f, "cancel")
	wantEnds(t, ends(t, next, 2), map[string]any{a: "cancelled", b: "group"})

	for verb, how := range map[string]string{"send": "sent", "cancel": "cancelled"} {
		id := w.delay(leaveState, w.alice, 5000, map[string]any{"verb": verb})
		a = scheduledID(t, next)
		w.ok("POST", delayedPath("/"+id+"/"+verb), Account{}, nil)
		wantEnds(t, ends(t, next, 1), map[string]any{a: how})
	}

	w.delay(leaveState, w.alice, 5000, map[string]any{"by": "delayed"})
	a = scheduledID(t, next)
	w.ok("PUT", w.roomPath(strings.Replace(leaveState, "state/", "state_future/", 1)+"?future_timeout=6000"), w.alice, map[string]any{})
	b = scheduledID(t, next)
	w.ok("PUT", w.roomPath(leaveState), w.moderator, map[string]any{"by": "moderator"})
	wantEnds(t, ends(t, next, 2), map[string]any{a: "overwritten", b: "overwritten"})

	w.delay(leaveState, w.alice, 5000, map[string]any{"by": "delayed"})
	a = scheduledID(t, next)
	w.future(w.alice, "forgotten", "future_timeout=5000")
	b = scheduledID(t, next)
	w.server.ForgetScheduled()
	wantEnds(t, ends(t, next, 2), map[string]any{a: "forgotten", b: "forgotten"})
}

func TestTheLifeStreamNamesTheEventThatCameOfIt(t *testing.T) {
	w, next := followed(t)
	w.delay("send/"+futureKind+"/1", w.alice, 5000, map[string]any{"name": "fired"})
	next()
	f := w.future(w.alice, "sent", "future_timeout=9000")
	next()
	w.clock.advance(5 * time.Second)
	fired := next()
	w.use(f, "send")
	sent := next()
	events := w.timeline(w.alice)
	for i, message := range []map[string]any{fired, sent} {
		if want := events[len(events)-2+i]["event_id"]; message["event_id"] != want {
			t.Errorf("%v, want %v", message, want)
		}
	}
}

func TestTheLifeStreamTellsWhyTheRoomDidNotTakeAnEvent(t *testing.T) {
	w, next := followed(t)
	w.delay("send/x/1", w.alice, 5000, map[string]any{})
	fires := scheduledID(t, next)
	f := w.future(w.alice, "sent", "future_timeout=9000")
	sent := scheduledID(t, next)
	w.ok("PUT", w.roomPath("state/m.room.member/"+url.PathEscape(w.alice.UserID)), w.alice, map[string]any{"membership": "leave"})
	w.clock.advance(5 * time.Second)
	w.refused(http.StatusForbidden, codeForbidden, "POST", "/_matrix/client/v3/future/"+f["send_token"].(string), Account{}, nil)
	for _, id := range []string{fires, sent} {
		message := next()
		refusal, _ := message["error"].(map[string]any)
		if message["id"] != id || message["how"] != "refused" || refusal["errcode"] != codeForbidden || refusal["error"] == "" || message["event_id"] != nil {
			t.Errorf("got %v", message)
		}
	}
}

func TestTheLifeStreamTellsOfARestartWhenItsTimerBegan(t *testing.T) {
	w, next := followed(t)
	id := w.delay(leaveState, w.alice, 5000, map[string]any{})
	a := scheduledID(t, next)
	f := w.future(w.alice, "f", "future_timeout=5000")
	b := scheduledID(t, next)
	w.clock.advance(time.Second)
	w.ok("POST", delayedPath("/"+id+"/restart"), Account{}, nil)
	w.use(f, "refresh")
	for _, id := range []string{a, b} {
		want := map[string]any{"change": "restarted", "id": id, "running_since": float64(w.clock.Now().UnixMilli()), "now": float64(w.clock.Now().UnixMilli())}
		if message := next(); !maps.Equal(message, want) {
			t.Errorf("got %v, want %v", message, want)
		}
	}
}

func TestTheLifeStreamIsAboutOnesOwnAlone(t *testing.T) {
	w, next := followed(t)
	w.delay(leaveState, w.moderator, 5000, map[string]any{"of": "moderator"})
	w.delay("send/x/1", w.alice, 6000, map[string]any{"of": "alice"})
	again := follow(t, w.listen(), w.alice)
	again() // reset
	for _, read := range []func() map[string]any{next, again} {
		if message := read(); message["content"].(map[string]any)["of"] != "alice" {
			t.Errorf("got %v", message)
		}
	}
	w.clock.advance(5 * time.Second)
	w.clock.advance(time.Second)
	for _, read := range []func() map[string]any{next, again} {
		if message := read(); message["change"] != "ended" || message["now"] != float64(w.clock.Now().UnixMilli()) {
			t.Errorf("got %v", message)
		}
	}
	w.refused(http.StatusUnauthorized, codeMissingToken, "GET", lifePath, Account{}, nil)
	w.refused(http.StatusUnauthorized, codeUnknownToken, "GET", lifePath+"?access_token=x", Account{}, nil)
}

func TestTheLifeStreamEndsWithTheServerAndWhenItGoesDown(t *testing.T) {
	w, next := followed(t)
	if err := w.server.SetFaults(Faults{Down: DownAbort}); err != nil {
		t.Fatal(err)
	}
	if message := next(); message != nil {
		t.Errorf("down, it tells %v", message)
	}
	if err := w.server.SetFaults(Faults{}); err != nil {
		t.Fatal(err)
	}
	next = follow(t, w.listen(), w.alice)
	next() // reset
	w.server.Close()
	if message := next(); message != nil {
		t.Errorf("closed, it tells %v", message)
	}
}

// stuckWriter is the connection of a reader who takes nothing until he is let.
type stuckWriter struct {
	*httptest.ResponseRecorder
	stuck, read chan struct{}
}

func (w *stuckWriter) Write(b []byte) (int, error) {
	if strings.Contains(string(b), "data: ") {
		select {
		case w.stuck <- struct{}{}:
		default:
		}
		<-w.read
	}
	return w.ResponseRecorder.Write(b)
}

func TestAReaderOfTheLifeStreamWhoIsTooSlowHoldsNobodyUpAndGetsItAllAnew(t *testing.T) {
	w := newWorld(t, Options{MaxScheduled: 5})
	ids := []string{w.delay(leaveState, w.alice, 5000, map[string]any{}), w.delay("send/x/1", w.alice, 5000, map[string]any{})}
	reader := &stuckWriter{httptest.NewRecorder(), make(chan struct{}, 1), make(chan struct{})}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r := httptest.NewRequest("GET", lifePath+"?access_token="+url.QueryEscape(w.alice.AccessToken), nil)
		w.server.ServeHTTP(reader, r)
	}()
	<-reader.stuck
	for range lifeBacklog {
		w.ok("POST", delayedPath("/"+ids[0]+"/restart"), Account{}, nil)
	}
	w.ok("POST", delayedPath("/"+ids[1]+"/cancel"), Account{}, nil)
	w.server.mu.Lock()
	for l := range w.server.lives {
		if len(l.pending) > lifeBacklog {
			t.Errorf("%d changes wait for a reader", len(l.pending))
		}
	}
	w.server.mu.Unlock()
	close(reader.read)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		w.server.mu.Lock()
		read := true
		for l := range w.server.lives {
			read = !l.anew && len(l.pending) == 0
		}
		w.server.mu.Unlock()
		if read {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("he is never told")
		}
	}
	w.server.Close()
	<-ended
	body := reader.Body.String()
	if n := strings.Count(body, `"change":"reset"`); n != 2 {
		t.Errorf("%d resets", n)
	}
	if n := strings.Count(body, `"change":"scheduled"`); n != 3 {
		t.Errorf("%d times told of something scheduled: two at first, one that is left", n)
	}
}
