package homeserver

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// openStream reads a room's stream over a real connection and returns the next message each time it is called.
func openStream(t *testing.T, base string, room, query string) (next func() (id string, event map[string]any, ok bool)) {
	t.Helper()
	response, err := http.Get(base + "/_matrix/client/unstable/widget_futures/rooms/" + url.PathEscape(room) + "/stream?" + query)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	if got := response.Header.Get("Content-Type"); got != "text/event-stream" || response.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Fatalf("headers %v", response.Header)
	}
	lines := bufio.NewScanner(response.Body)
	return func() (id string, event map[string]any, ok bool) {
		for lines.Scan() {
			if value, found := strings.CutPrefix(lines.Text(), "id: "); found {
				id = value
			}
			if value, found := strings.CutPrefix(lines.Text(), "data: "); found {
				if err := json.Unmarshal([]byte(value), &event); err != nil {
					t.Fatal(err)
				}
				return id, event, true
			}
		}
		return "", nil, false
	}
}

func TestAStreamBringsEachEventAsItLandsAndEndsWithTheServer(t *testing.T) {
	w := newWorld(t, Options{})
	web := httptest.NewServer(w.server)
	t.Cleanup(web.Close)
	token := "access_token=" + url.QueryEscape(w.alice.AccessToken)
	before := len(w.timeline(w.alice))
	now := openStream(t, web.URL, w.room, token)
	all := openStream(t, web.URL, w.room, token+"&from=t0")
	for range before {
		if _, _, ok := all(); !ok {
			t.Fatal("the stream from the start ended early")
		}
	}
	for i := range 20 {
		w.ok("PUT", w.roomPath(fmt.Sprintf("send/x/%d", i)), w.alice, map[string]any{"n": i})
		for name, next := range map[string]func() (string, map[string]any, bool){"from now": now, "from the start": all} {
			id, event, ok := next()
			if !ok || event["content"].(map[string]any)["n"] != float64(i) || id != fmt.Sprintf("t%d", before+i+1) {
				t.Fatalf("%s: %v %v %v", name, id, event, ok)
			}
		}
	}
	w.server.Close()
	if _, event, ok := now(); ok {
		t.Fatalf("after the end: %v", event)
	}
}

func TestAStreamNeedsALoginAndARoomOnesIn(t *testing.T) {
	w := newWorld(t, Options{})
	path := "/_matrix/client/unstable/widget_futures/rooms/" + url.PathEscape(w.room) + "/stream"
	w.refused(http.StatusUnauthorized, codeMissingToken, "GET", path, Account{}, nil)
	w.refused(http.StatusForbidden, codeForbidden, "GET", path, w.register("stranger"), nil)
}

func TestAStreamEndsForWhoLeavesTheRoom(t *testing.T) {
	w := newWorld(t, Options{})
	web := httptest.NewServer(w.server)
	t.Cleanup(web.Close)
	next := openStream(t, web.URL, w.room, "access_token="+w.alice.AccessToken)
	w.ok("PUT", w.roomPath("state/m.room.member/"+url.PathEscape(w.alice.UserID)), w.alice, map[string]any{"membership": "leave"})
	w.ok("PUT", w.roomPath("send/secret/t"), w.moderator, map[string]any{})
	for {
		_, event, ok := next()
		if !ok {
			return
		}
		if event["type"] == "secret" {
			t.Fatal("an event from after the leave was streamed")
		}
	}
}
