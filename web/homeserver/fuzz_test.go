package homeserver

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// FuzzRequests sends one request of any bytes to a server that has a room, a delayed event and a future. Whatever it is, it is answered
// in the form of Matrix, every origin may read the answer, nothing panics, nothing comes into a room or is scheduled without a 200, and
// nothing that names a delay goes out at once.
func FuzzRequests(f *testing.F) {
	const put, get, post = "PUT", "GET", "POST"
	for _, seed := range []struct{ method, target, authorization, kind, body string }{
		{put, "/_matrix/client/v3/rooms/{room}/send/x/1", "Bearer {alice}", "application/json", `{}`},
		{put, "/_matrix/client/v3/rooms/{room}/send/x/1?org.matrix.msc4140.delay=10", "Bearer {alice}", "", `{"a":1.5}`},
		{put, "/_matrix/client/v3/rooms/{room}/send/x/1?org.matrix.msc4140.delay=%zz", "Bearer {alice}", "", `{}`},
		{put, "/_matrix/client/v3/rooms/{room}/send/x/1?a=b;org.matrix.msc4140.delay=10", "Bearer {alice}", "", `{}`},
		{put, "/_matrix/client/v3/rooms/{room}/send/x/1?org.matrix.msc4140.delay=1&org.matrix.msc4140.delay=x&access_token={alice}", "", "", `{}`},
		{put, "/_matrix/client/v3/rooms/{room}/send/m.room.message/%", "Bearer {alice}", "", `{"msgtype":5}`},
		{put, "/_matrix/client/v3/rooms/{room}/state/m.room.member/@x:y?org.matrix.msc4140.delay=0", "Bearer {alice}", "", `{"membership":"join"}`},
		{put, "/_matrix/client/r0/rooms/{room}/state/m.room.power_levels/", "Bearer {alice}", "", `{"users":{"@a:b":"1"}}`},
		{put, "/_matrix/client/v1/rooms/{room}/send_future/x/1?future_timeout=10&future_group_id={group}", "Bearer {alice}", "", `{"a":"\ud800"}`},
		{put, "/_matrix/client/v3/rooms/{room}/state_future/x/%2F?future_group_id={group}", "Bearer {alice}", "", `{"":{}}`},
		{post, "/_matrix/client/v3/future/{token}", "", "text/plain", ``},
		{get, "/_matrix/client/v3/future", "Bearer {alice}", "", ``},
		{post, "/_matrix/client/unstable/org.matrix.msc4140/delayed_events/{id}", "", "", `{"action":"send"}`},
		{post, "/_matrix/client/unstable/org.matrix.msc4140/delayed_events/{id}/restart", "Bearer nobody", "", `x`},
		{get, "/_matrix/client/unstable/org.matrix.msc4140/delayed_events?from=x", "bearer {alice}", "", ``},
		{get, "/_matrix/client/unstable/widget_futures/rooms/{room}/stream?from=t1&access_token={alice}", "", "", ``},
		{get, "/_matrix/client/v3/rooms/{room}/messages?dir=b&from=t99999999999999999999&limit=-1", "Bearer {alice}", "", ``},
		{"HEAD", "/_matrix/client/v3/rooms/{room}/state/m.room.create", "Bearer {alice}", "", ``},
		{"OPTIONS", "*", "", "", ``},
		{"CONNECT", "/_matrix/client/v3/join/{room}", "Bearer {alice}", "", `{}`},
		{post, "/_matrix/client/v3/createRoom", "Bearer {alice}", "", `{"initial_state":[{"type":"m.room.create"}],"invite":["x"]}`},
		{post, "/_matrix/client/v3/createRoom", "Bearer {alice}", "", `{"power_level_content_override":{"users":[]},"room_version":"1"}`},
		{post, "/_matrix/client/v3/register", "", "", `{"username":"a/b","auth":{"type":"m.login.dummy"}}`},
		{post, "/_matrix/client/v3/register", "", "", "\xef\xbb\xbf{\"username\":\"\x00\"}"},
		{"F O", "http://[::1/%zz", "", "", ``},
	} {
		f.Add(seed.method, seed.target, seed.authorization, seed.kind, []byte(seed.body))
	}
	f.Fuzz(func(t *testing.T, method, target, authorization, kind string, body []byte) {
		w := newWorld(t, Options{})
		id := w.delay("send/later/1", w.alice, 60_000, map[string]any{})
		future := w.future(w.alice, "later", "future_timeout=60000")
		names := strings.NewReplacer("{room}", url.PathEscape(w.room), "{alice}", w.alice.AccessToken, "{id}", id,
			"{token}", future["send_token"].(string), "{group}", future["future_group_id"].(string), "\r", "", "\n", "")
		method, target = names.Replace(method), names.Replace(target)
		events, scheduled := w.contents()

		text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: hs\r\nContent-Length: %d\r\n", method, target, len(body))
		for name, value := range map[string]string{"Authorization": authorization, "Content-Type": kind} {
			if value != "" {
				text += name + ": " + names.Replace(value) + "\r\n"
			}
		}
		status, answer := w.exchange(method, text+"\r\n"+string(body))

		eventsNow, scheduledNow := w.contents()
		if status != http.StatusOK && (eventsNow != events || scheduledNow != scheduled) {
			t.Fatalf("refused with %d %v, and there are %d more events and %d more scheduled", status, answer, eventsNow-events, scheduledNow-scheduled)
		}
		if isDelayed(method, target) && eventsNow != events {
			t.Fatalf("names a delay and went out at once: %v", answer)
		}
		w.clock.advance(0)
	})
}

// isDelayed reports whether Synapse would read a delay in this: it splits the query at & and ;, and decodes what it can.
func isDelayed(method, target string) bool {
	path, query, _ := strings.Cut(target, "?")
	query, _, _ = strings.Cut(query, "#")
	if method != http.MethodPut || !strings.Contains(path, "/send/") && !strings.Contains(path, "/state/") {
		return false
	}
	for _, pair := range strings.FieldsFunc(query, func(c rune) bool { return c == '&' || c == ';' }) {
		name, value, _ := strings.Cut(pair, "=")
		if name, err := url.QueryUnescape(name); err == nil && name == queryDelay && value != "" {
			return true
		}
	}
	return false
}

// contents counts what is in all rooms and what is scheduled.
func (w *world) contents() (events, scheduled int) {
	w.server.mu.Lock()
	defer w.server.mu.Unlock()
	for _, m := range w.server.rooms {
		events += len(m.timeline)
	}
	return events, len(w.server.scheduler.entries)
}

// exchange sends bytes over a connection and checks that the answer is one that a page can read.
func (w *world) exchange(method, text string) (status int, answer any) {
	t := w.t
	ours, theirs := net.Pipe()
	panicked := make(chan any, 1)
	server := &http.Server{DisableGeneralOptionsHandler: true, ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				panicked <- p
				panic(http.ErrAbortHandler)
			}
		}()
		w.server.ServeHTTP(rw, r)
	})}
	go server.Serve(Listener(&oneConn{conn: theirs, closed: make(chan struct{})}))
	defer server.Close()
	go io.WriteString(ours, text)
	response, err := http.ReadResponse(bufio.NewReader(ours), &http.Request{Method: method})
	if err != nil {
		select {
		case p := <-panicked:
			t.Fatalf("panic: %v", p)
		default:
			t.Fatalf("no answer: %v", err)
		}
	}
	defer ours.Close()
	if response.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Fatalf("%d that no page may read: %v", response.StatusCode, response.Header)
	}
	if response.StatusCode == http.StatusNoContent || method == http.MethodHead || response.Header.Get("Content-Type") == "text/event-stream" {
		return response.StatusCode, nil
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatalf("%d that is not JSON: %v", response.StatusCode, err)
	}
	fields, _ := answer.(map[string]any)
	code, _ := fields["errcode"].(string)
	prose, _ := fields["error"].(string)
	if isError := strings.HasPrefix(code, "M_") && prose != ""; isError != (response.StatusCode != http.StatusOK) {
		t.Fatalf("%d with %v", response.StatusCode, answer)
	}
	return response.StatusCode, answer
}

// oneConn is a listener with one connection.
type oneConn struct {
	conn   net.Conn
	closed chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	if conn := l.conn; conn != nil {
		l.conn = nil
		return conn, nil
	}
	<-l.closed
	return nil, errors.New("closed")
}

func (l *oneConn) Close() error {
	close(l.closed)
	return nil
}

func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }
