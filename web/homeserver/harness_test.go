package homeserver

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeClock moves only when a test says so.
type fakeClock struct {
	mu     sync.Mutex
	now    time.Time
	timers []*fakeTimer
}

type fakeTimer struct {
	clock *fakeClock
	at    time.Time
	f     func()
}

func newFakeClock() *fakeClock { return &fakeClock{now: time.UnixMilli(1_718_800_000_000)} }

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) AfterFunc(d time.Duration, f func()) Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &fakeTimer{clock: c, at: c.now.Add(d), f: f}
	c.timers = append(c.timers, t)
	return t
}

func (t *fakeTimer) Stop() bool {
	t.clock.mu.Lock()
	defer t.clock.mu.Unlock()
	return t.clock.take(t)
}

// take removes a timer; call it with the lock held.
func (c *fakeClock) take(t *fakeTimer) bool {
	for i, other := range c.timers {
		if other == t {
			c.timers = append(c.timers[:i], c.timers[i+1:]...)
			return true
		}
	}
	return false
}

// advance moves the clock, running what falls due on the way in the order it does.
func (c *fakeClock) advance(d time.Duration) {
	c.mu.Lock()
	end := c.now.Add(d)
	for {
		var next *fakeTimer
		for _, t := range c.timers {
			if !t.at.After(end) && (next == nil || t.at.Before(next.at)) {
				next = t
			}
		}
		if next == nil {
			break
		}
		c.take(next)
		c.now = next.at
		c.mu.Unlock()
		next.f()
		c.mu.Lock()
	}
	c.now = end
	c.mu.Unlock()
}

// untilNext is how long until the first timer; an hour if there is none.
func (c *fakeClock) untilNext() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := time.Hour
	for _, t := range c.timers {
		next = min(next, t.at.Sub(c.now))
	}
	return next
}

// pending counts the timers that would still fire.
func (c *fakeClock) pending() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.timers)
}

// world is a server with alice (its creator) and a moderator in one room where anybody may write any state.
type world struct {
	t         *testing.T
	clock     *fakeClock
	server    *Server
	alice     Account
	moderator Account
	room      string
}

func newWorld(t *testing.T, options Options) *world {
	t.Helper()
	return newWorldOn(t, options, New)
}

func newWorldOn(t *testing.T, options Options, make func(Options) *Server) *world {
	t.Helper()
	clock := newFakeClock()
	options.Clock = clock
	options.ServerName = "hs.test"
	w := &world{t: t, clock: clock, server: make(options)}
	t.Cleanup(w.server.Close)
	w.alice = w.register("alice")
	w.moderator = w.register("moderator")
	answer := w.ok("POST", "/_matrix/client/v3/createRoom", w.moderator, map[string]any{
		"preset": "public_chat", "power_level_content_override": map[string]any{"state_default": 0},
	})
	w.room = answer["room_id"].(string)
	w.ok("POST", "/_matrix/client/v3/join/"+url.PathEscape(w.room), w.alice, map[string]any{})
	return w
}

func (w *world) register(name string) Account {
	w.t.Helper()
	answer := w.ok("POST", "/_matrix/client/v3/register", Account{}, map[string]any{
		"username": name, "auth": map[string]any{"type": "m.login.dummy"},
	})
	return Account{UserID: answer["user_id"].(string), AccessToken: answer["access_token"].(string), DeviceID: answer["device_id"].(string)}
}

// do sends one request; a nil body is none, a string is sent as it is, anything else as JSON.
func (w *world) do(method, path string, as Account, body any) *httptest.ResponseRecorder {
	w.t.Helper()
	var text string
	switch body := body.(type) {
	case nil:
	case string:
		text = body
	default:
		raw, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		text = string(raw)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(text))
	if as.AccessToken != "" {
		r.Header.Set("Authorization", "Bearer "+as.AccessToken)
	}
	recorder := httptest.NewRecorder()
	w.server.ServeHTTP(recorder, r)
	return recorder
}

// ok sends a request that must succeed.
func (w *world) ok(method, path string, as Account, body any) map[string]any {
	w.t.Helper()
	recorder := w.do(method, path, as, body)
	if recorder.Code != http.StatusOK {
		w.t.Fatalf("%s %s: status %d: %s", method, path, recorder.Code, recorder.Body)
	}
	var answer map[string]any
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
		w.t.Fatalf("%s %s: %v in %s", method, path, err, recorder.Body)
	}
	return answer
}

// refused sends a request that must fail in one way, and returns the error's body.
func (w *world) refused(status int, errcode, method, path string, as Account, body any) map[string]any {
	w.t.Helper()
	recorder := w.do(method, path, as, body)
	var answer map[string]any
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
		w.t.Fatalf("%s %s: %v in %s", method, path, err, recorder.Body)
	}
	if recorder.Code != status || answer["errcode"] != errcode {
		w.t.Fatalf("%s %s: got %d %s, want %d %s", method, path, recorder.Code, recorder.Body, status, errcode)
	}
	if text, _ := answer["error"].(string); text == "" {
		w.t.Fatalf("%s %s: no error text in %s", method, path, recorder.Body)
	}
	if recorder.Header().Get("Access-Control-Allow-Origin") != "*" {
		w.t.Fatalf("%s %s: an error a page cannot read", method, path)
	}
	return answer
}

func (w *world) roomPath(rest string) string {
	return "/_matrix/client/v3/rooms/" + url.PathEscape(w.room) + "/" + rest
}

// timeline is what a user reads in the room, oldest first.
func (w *world) timeline(as Account) []map[string]any {
	w.t.Helper()
	var events []map[string]any
	for _, e := range w.ok("GET", w.roomPath("messages?dir=f&limit=1000"), as, nil)["chunk"].([]any) {
		events = append(events, e.(map[string]any))
	}
	return events
}

// count is how many events of one type are in the room.
func (w *world) count(kind string) int {
	w.t.Helper()
	n := 0
	for _, e := range w.timeline(w.alice) {
		if e["type"] == kind {
			n++
		}
	}
	return n
}
