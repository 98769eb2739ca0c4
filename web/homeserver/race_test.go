package homeserver

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// The two tests here run on the system's clock: timers and requests really meet.

func TestOfAGroupUnderFireExactlyOneFutureReachesTheRoom(t *testing.T) {
	w := newWorld(t, Options{MaxScheduled: 1000})
	w.server.clock.Clock = systemClock{}
	const groups = 40
	const timeout = "future_timeout=300" // long enough to schedule a whole group before its first timer
	var everybody sync.WaitGroup
	for g := range groups {
		first := w.future(w.alice, fmt.Sprintf("%d-a", g), timeout)
		tokens := []any{first["send_token"], first["refresh_token"]}
		for _, name := range []string{"b", "c"} {
			f := w.future(w.alice, fmt.Sprintf("%d-%s", g, name), timeout+"&"+inGroup(first))
			tokens = append(tokens, f["send_token"], f["refresh_token"])
		}
		for i, token := range tokens {
			everybody.Go(func() {
				time.Sleep(time.Duration(295+i) * time.Millisecond) // about when the timers run out
				r := httptest.NewRequest("POST", "/_matrix/client/v3/future/"+token.(string), http.NoBody)
				r.RemoteAddr = fmt.Sprintf("[::1%d]:1", g) // wrong tries are counted by address, and are not the point here
				w.server.ServeHTTP(httptest.NewRecorder(), r)
			})
		}
	}
	everybody.Wait()
	deadline := time.Now().Add(10 * time.Second)
	for len(w.landed()) < groups && time.Now().Before(deadline) {
		time.Sleep(5 * time.Millisecond)
	}
	sent := map[string]int{}
	for _, name := range w.landed() {
		group, _, _ := strings.Cut(name, "-")
		sent[group]++
	}
	for g := range groups {
		if n := sent[fmt.Sprint(g)]; n != 1 {
			t.Errorf("group %d: %d events", g, n)
		}
	}
}

func TestAfterCloseNoTimerSendsAnythingAndRequestsAreRefused(t *testing.T) {
	server := New(Options{})
	account, err := server.Register("alice")
	if err != nil {
		t.Fatal(err)
	}
	roomID, err := server.CreateRoom(account, CreateRoomRequest{Preset: "public_chat"})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("PUT", "/_matrix/client/v3/rooms/"+roomID+"/send/x/t?org.matrix.msc4140.delay=20", strings.NewReader("{}"))
	r.Header.Set("Authorization", "Bearer "+account.AccessToken)
	recorder := httptest.NewRecorder()
	server.ServeHTTP(recorder, r)
	if recorder.Code != http.StatusOK {
		t.Fatalf("%d %s", recorder.Code, recorder.Body)
	}
	server.Close()
	time.Sleep(60 * time.Millisecond)
	server.mu.Lock()
	for _, e := range server.rooms[roomID].timeline {
		if e.kind == "x" {
			t.Error("a timer sent after Close")
		}
	}
	server.mu.Unlock()
	recorder = httptest.NewRecorder()
	server.ServeHTTP(recorder, httptest.NewRequest("GET", "/_matrix/client/versions", nil))
	if recorder.Code != http.StatusServiceUnavailable {
		t.Errorf("after Close: %d", recorder.Code)
	}
}
