package homeserver

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// nested is an object with so many objects in each other.
func nested(depth int) string {
	return strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth)
}

// sized is a content of so many bytes.
func sized(bytes int) string { return `{"a":"` + strings.Repeat("a", bytes-len(`{"a":""}`)) + `"}` }

func TestWhatIsRefusedAtOnceIsRefusedScheduledToo(t *testing.T) {
	w := newWorld(t, Options{})
	for _, delay := range []string{"", oneSecondDelay} {
		for _, c := range []struct {
			status     int
			code       string
			path, body string
		}{
			{400, codeNotJSON, "send/x/1", `{"a":`},
			{400, codeNotJSON, "send/x/1", ``},
			{400, codeNotJSON, "send/x/1", "{\"a\":\"\xff\"}"},
			{400, codeNotJSON, "send/x/1", nested(maxDepth + 1)},
			{400, codeNotJSON, "send/x/1", `{"a":` + strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000) + `}`},
			{400, codeBadJSON, "send/x/1", `["a"]`},
			{400, codeBadJSON, "send/x/1", `{"a":"\ud800"}`},
			{400, codeBadJSON, "send/x/1", `{"\uDC00":1}`},
			{400, codeBadJSON, "send/x/1", `{"a":"\ud800\ud800\udc00"}`},
			{400, codeUnknown, "send/m.room.message/1", `{"body":"b"}`},
			{400, codeUnknown, "state/m.room.member/" + w.alice.UserID, `{}`},
			{400, codeUnknown, "state/m.room.member/" + w.alice.UserID, `{"membership":"dance"}`},
			{400, codeUnknown, "state/m.room.member/" + w.alice.UserID, `{"membership":5}`},
			{413, codeTooLarge, "send/x/1", sized(maxBody + 1)},
			{414, codeTooLarge, "send/x/" + strings.Repeat("a", maxTarget), `{}`},
			{400, codeInvalidParam, "send/x/%ff", `{}`},
			{400, codeInvalidParam, "state/%C3%28/k", `{}`},
		} {
			w.refused(c.status, c.code, "PUT", w.roomPath(c.path+delay), w.alice, c.body)
		}
	}
	w.clock.advance(time.Minute)
	if n := w.count("x") + w.count(typeMessage); n != 0 {
		t.Errorf("%d refused events are in the room", n)
	}
}

func TestAsInSynapseWhatOnlySendingRefusesIsScheduledAndNeverSent(t *testing.T) {
	for _, c := range []struct {
		status     int
		code       string
		path, body string
	}{
		{400, codeBadJSON, "send/x/1", `{"a":[{"b":1.5}]}`},
		{400, codeBadJSON, "send/x/1", `{"a":1e3}`},
		{400, codeBadJSON, "send/x/1", `{"a":9007199254740992}`},
		{400, codeBadJSON, "send/x/1", `{"a":-99999999999999999999}`},
		{400, codeBadJSON, "send/x/1", nested(maxNested + 1)},
		{400, codeBadJSON, "send/x/1", `{"a":` + strings.Repeat("[", maxNested) + strings.Repeat("]", maxNested) + `}`},
		{400, codeBadJSON, "state/m.room.power_levels", `{"users":5}`},
		{400, codeInvalidParam, "state/m.room.member/nobody", `{"membership":"invite"}`},
		{413, codeTooLarge, "send/x/1", sized(maxEvent)},
		{413, codeTooLarge, "send/x/1", sized(maxBody)},
		{413, codeTooLarge, "state/x/" + strings.Repeat("k", maxName+1), `{}`},
		{413, codeTooLarge, "send/" + strings.Repeat("x", maxName+1) + "/1", `{}`},
	} {
		w := newWorld(t, Options{})
		as := w.alice
		if strings.Contains(c.path, "m.room") {
			as = w.moderator // who may
		}
		before := len(w.timeline(w.alice))
		w.refused(c.status, c.code, "PUT", w.roomPath(c.path), as, c.body)
		id := w.ok("PUT", w.roomPath(c.path+oneSecondDelay), as, c.body)["delay_id"].(string)
		again := w.ok("PUT", w.roomPath(strings.Replace(c.path, "/1", "/2", 1)+oneSecondDelay), as, c.body)["delay_id"].(string)
		w.refused(c.status, c.code, "POST", delayedPath("/"+id+"/send"), Account{}, nil)
		w.clock.advance(time.Second)
		w.refused(http.StatusNotFound, codeNotFound, "POST", delayedPath("/"+again+"/send"), Account{}, nil)
		if n := len(w.timeline(w.alice)) - before; n != 0 {
			t.Errorf("%s %.40s: %d events", c.path, c.body, n)
		}
	}
}

func TestAContentJustWithinTheLimitsIsSent(t *testing.T) {
	w := newWorld(t, Options{})
	besides := besides + len("x") + len(w.alice.UserID) + len(w.room)
	for i, body := range []string{
		sized(maxEvent - besides), nested(maxNested), `{"a":[9007199254740991,-9007199254740991,-0]}`, `{"a":"\ud83d\ude00 \\ud800 \\\\"}`,
		`{"a":"\"` + strings.Repeat("[", maxDepth+1) + `"}`,
	} {
		w.ok("PUT", w.roomPath(fmt.Sprintf("send/x/%d", i)), w.alice, body)
	}
	w.refused(http.StatusRequestEntityTooLarge, codeTooLarge, "PUT", w.roomPath("send/x/t"), w.alice, sized(maxEvent-besides+1))
	w.refused(http.StatusRequestEntityTooLarge, codeTooLarge, "PUT", w.roomPath("state/x/k"), w.alice, sized(maxEvent-besides))
	w.ok("PUT", w.roomPath("state/"+strings.Repeat("x", maxName)+"/"+strings.Repeat("k", maxName)), w.alice, `{}`)
}

func TestInARoomOneIsNotInADelayedEventIsScheduledAndNeverSent(t *testing.T) {
	w := newWorld(t, Options{})
	stranger := w.register("stranger")
	w.refused(http.StatusForbidden, codeForbidden, "PUT", w.roomPath("send/x/1"), stranger, `{}`)
	id := w.delay("send/x/1", stranger, 1000, map[string]any{})
	w.delay("send/x/2", stranger, 1000, map[string]any{})
	w.refused(http.StatusForbidden, codeForbidden, "POST", delayedPath("/"+id+"/send"), stranger, nil)
	w.clock.advance(time.Second)
	if n := w.count("x"); n != 0 {
		t.Errorf("%d events", n)
	}
	// A future of June 2024 has no server to be like: it is refused where any event would be.
	w.refused(http.StatusForbidden, codeForbidden, "PUT", w.roomPath("send_future/x/1?future_timeout=1"), stranger, `{}`)
}

func TestUnknownRoomsAreAnsweredAsSynapseAnswersThem(t *testing.T) {
	w := newWorld(t, Options{})
	const nowhere = "/_matrix/client/v3/rooms/!nowhere:hs.test/"
	for _, c := range []struct {
		status       int
		code         string
		method, path string
	}{
		{403, codeForbidden, "PUT", nowhere + "send/x/1"},
		{403, codeForbidden, "PUT", nowhere + "state/x"},
		{404, codeNotFound, "PUT", nowhere + "send/x/1" + oneSecondDelay},
		{404, codeNotFound, "PUT", nowhere + "state/x" + oneSecondDelay},
		{403, codeForbidden, "PUT", nowhere + "send_future/x/1?future_timeout=1"},
		{403, codeForbidden, "GET", nowhere + "state"},
		{403, codeForbidden, "GET", nowhere + "messages?dir=b"},
		{404, codeUnknown, "POST", "/_matrix/client/v3/join/!nowhere:hs.test"},
		{404, codeUnknown, "POST", "/_matrix/client/v3/rooms/!nowhere:hs.test/join"},
		{400, codeUnknown, "POST", "/_matrix/client/v3/join/nowhere"},
	} {
		w.refused(c.status, c.code, c.method, c.path, w.alice, `{}`)
	}
}

func TestAQueryThatIsNotUnderstoodIsRefusedAndNothingIsSent(t *testing.T) {
	w := newWorld(t, Options{})
	for _, query := range []string{
		"org.matrix.msc4140.delay=%zz", "org.matrix.msc4140.delay=1000%", "org.matrix.msc4140.delay=1000;x=1", "x=1;org.matrix.msc4140.delay=1000",
		"org.matrix.msc4140.delay=1000&x=%", "org.matrix.msc4140.delay=1000&x=%ff", "org.matrix.msc4140.delay", "org.matrix.msc4140.delay=", "org.matrix.msc4140.delay=0x10",
		"org.matrix.msc4140.delay=abc&org.matrix.msc4140.delay=1000", "org.matrix.msc4354.sticky_duration_ms=-1", ";",
	} {
		w.refused(http.StatusBadRequest, codeInvalidParam, "PUT", w.roomPath("send/x/1?"+query), w.alice, `{}`)
	}
	for i, query := range []string{
		"org.matrix.msc4140.delay=1000&org.matrix.msc4140.delay=abc", "%6frg.matrix.msc4140.delay=1000", "org.matrix.msc4140.delay=%31000",
	} {
		if answer := w.ok("PUT", w.roomPath(fmt.Sprintf("send/x/d%d?%s", i, query)), w.alice, `{}`); answer["delay_id"] == nil {
			t.Errorf("%s: %v", query, answer)
		}
	}
	if n := w.count("x"); n != 0 {
		t.Errorf("%d events at once", n)
	}
}

func TestAnAccessTokenIsTakenFromOnePlaceOnlyAndMustBeSomebodys(t *testing.T) {
	w := newWorld(t, Options{})
	id := w.delay(leaveState, w.alice, 60_000, map[string]any{})
	future := w.future(w.alice, "mine", "future_timeout=60000")
	restart := delayedPath("/" + id + "/restart")
	good := "Bearer " + w.alice.AccessToken
	for _, c := range []struct {
		headers []string
		query   string
		code    string
	}{
		{[]string{"Basic x"}, "", codeMissingToken},
		{[]string{"Bearer"}, "", codeMissingToken},
		{[]string{"Bearer "}, "", codeMissingToken},
		{[]string{"Bearer a b"}, "", codeMissingToken},
		{[]string{"bearer " + w.alice.AccessToken}, "", codeMissingToken},
		{[]string{good, good}, "", codeMissingToken},
		{[]string{good}, "?access_token=" + w.alice.AccessToken, codeMissingToken},
		{[]string{"Bearer nobodys"}, "", codeUnknownToken},
		{[]string{"Bearer \xff"}, "", codeUnknownToken},
		{[]string{"Bearer " + future["send_token"].(string)}, "", codeUnknownToken},
		{[]string{"Bearer " + id}, "", codeUnknownToken},
		{nil, "?access_token=", codeUnknownToken},
		{nil, "?access_token=nobodys", codeUnknownToken},
	} {
		// Without login it would be allowed; a login that is no good is refused all the same.
		for method, path := range map[string]string{"PUT": w.roomPath("send/x/1"), "POST": restart, "GET": delayedPath("")} {
			r := httptest.NewRequest(method, path+c.query, strings.NewReader("{}"))
			r.Header["Authorization"] = c.headers
			recorder := httptest.NewRecorder()
			w.server.ServeHTTP(recorder, r)
			var answer map[string]any
			if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil || recorder.Code != 401 || answer["errcode"] != c.code {
				t.Errorf("%s %q %s: %d %s", method, c.headers, c.query, recorder.Code, recorder.Body)
			}
			if softly, told := answer["soft_logout"]; told != (c.code == codeUnknownToken) || told && softly != false {
				t.Errorf("%q %s: %s", c.headers, c.query, recorder.Body)
			}
		}
	}
	for _, stranger := range []string{w.alice.AccessToken, id, "", "%00"} {
		if code := w.do("POST", "/_matrix/client/v3/future/"+stranger, Account{}, nil).Code; code != http.StatusGone && code != http.StatusNotFound {
			t.Errorf("POST future/%s: %d", stranger, code)
		}
	}
	w.use(future, "refresh")
	if n := w.count("x"); n != 0 {
		t.Errorf("%d events", n)
	}
}

func TestEveryContentTypeIsRead(t *testing.T) {
	w := newWorld(t, Options{})
	id := w.delay(leaveState, w.alice, 60_000, map[string]any{})
	for i, kind := range []string{"application/json", "text/plain", "application/x-www-form-urlencoded", "nonsense", ""} {
		for path, want := range map[string]int{w.roomPath(fmt.Sprintf("send/x/%d", i)): 200, delayedPath("/" + id + "/restart"): 200} {
			method := map[bool]string{true: "POST", false: "PUT"}[strings.Contains(path, "restart")]
			r := httptest.NewRequest(method, path, strings.NewReader("{}"))
			r.Header.Set("Content-Type", kind)
			r.Header.Set("Authorization", "Bearer "+w.alice.AccessToken)
			recorder := httptest.NewRecorder()
			if w.server.ServeHTTP(recorder, r); recorder.Code != want {
				t.Errorf("%s as %q: %d %s", path, kind, recorder.Code, recorder.Body)
			}
		}
	}
}

func TestAHeadIsAGetWithoutTheBodyAndOtherMethodsAreUnrecognized(t *testing.T) {
	w := newWorld(t, Options{})
	web := httptest.NewServer(w.server)
	t.Cleanup(web.Close)
	response, err := http.Head(web.URL + "/_matrix/client/versions")
	if err != nil || response.StatusCode != 200 || response.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%v %v", response, err)
	}
	for path, methods := range map[string][]string{
		w.roomPath("send/x/1"): {"GET", "HEAD", "POST", "DELETE", "PATCH", "FOO"},
		w.roomPath("state/x"):  {"POST", "DELETE"},
		"/_matrix/client/unstable/widget_futures/rooms/" + w.room + "/stream": {"HEAD", "POST", "PUT"},
		delayedPath("/x"):               {"GET", "HEAD", "PUT", "DELETE"},
		delayedPath("/x/send"):          {"GET", "PUT", "DELETE"},
		delayedPath(""):                 {"POST", "PUT", "DELETE"},
		"/_matrix/client/v3/future/x":   {"GET", "PUT", "DELETE"},
		"/_matrix/client/v3/future":     {"POST", "PUT", "DELETE"},
		w.roomPath("send_future/x/1"):   {"GET", "POST", "DELETE"},
		"/_matrix/client/v3/createRoom": {"GET", "PUT"},
		"/_matrix/client/versions":      {"POST"},
	} {
		for _, method := range methods {
			w.refused(http.StatusMethodNotAllowed, codeUnrecognized, method, path, w.alice, `{}`)
		}
	}
	for _, path := range []string{
		"/", "/_matrix", "/_matrix/client/", "/_matrix/client/versions/", "//_matrix/client/versions", "/_matrix/client/v3/../versions", w.roomPath("send/x/1/"),
		w.roomPath("send//1"), w.roomPath("state/x/k/more"), "/_matrix/client/v3/rooms//send/x/1", delayedPath("/x/refresh"), delayedPath("/x/send/more"),
	} {
		w.refused(http.StatusNotFound, codeUnrecognized, "POST", path, w.alice, `{}`)
	}
}

// raw sends bytes over a connection of their own and reads one answer.
func raw(t *testing.T, address, text string) (*http.Response, map[string]any) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	head, body, _ := strings.Cut(text, "\r\n\r\n")
	fmt.Fprintf(conn, "%s\r\n\r\n", head)
	io.WriteString(conn, body) // the server may have answered by now; this must not cost the answer
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%.60q: %v", text, err)
	}
	defer response.Body.Close()
	var answer map[string]any
	whole, err := io.ReadAll(response.Body)
	if err != nil || json.Unmarshal(whole, &answer) != nil {
		t.Errorf("%.60q: %d %q: %v", text, response.StatusCode, whole, err)
	}
	return response, answer
}

func TestWhatNetHTTPRefusesByItselfIsAnsweredInMatrixFormToo(t *testing.T) {
	w := newWorld(t, Options{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	web := &http.Server{Handler: w.server}
	go web.Serve(Listener(listener))
	t.Cleanup(func() { web.Close() })
	body := strings.Repeat("x", 100_000)
	bare := " HTTP/1.1\r\nHost: hs\r\nAuthorization: Bearer " + w.alice.AccessToken + "\r\n"
	rest := fmt.Sprintf("%sContent-Length: %d\r\n", bare, len(body))
	for text, want := range map[string]struct {
		status int
		code   string
	}{
		"PUT " + w.roomPath("send/x/%") + rest + "\r\n" + body:                         {400, codeUnknown},
		"PUT " + w.roomPath("send/x/%zz") + rest + "\r\n" + body:                       {400, codeUnknown},
		"PUT " + w.roomPath("send/x/1") + rest + "a b: c\r\n\r\n" + body:               {400, codeUnknown},
		"PUT " + w.roomPath("send/x/1") + bare + "Transfer-Encoding: nonsense\r\n\r\n": {501, codeUnknown},
		"GET /" + strings.Repeat("x", http.DefaultMaxHeaderBytes*2) + bare + "\r\n":    {431, codeTooLarge},
		"PUT " + w.roomPath("send/x/1") + " HTTP/3.0\r\nHost: hs\r\n\r\n":              {505, codeUnknown},
		"what is this\r\n\r\n": {400, codeUnknown},
		"PUT " + w.roomPath("send/x/1?"+strings.Repeat("a", maxTarget)) + bare + "\r\n": {414, codeTooLarge},
		"PUT " + w.roomPath("send/x/1") + rest + "\r\n" + body:                          {400, codeNotJSON},
	} {
		response, answer := raw(t, listener.Addr().String(), text)
		for range 30 { // without its length about every second answer would end in an error
			raw(t, listener.Addr().String(), text)
		}
		if response.StatusCode != want.status || answer["errcode"] != want.code || answer["error"] == "" || answer["error"] == nil ||
			response.Header.Get("Access-Control-Allow-Origin") != "*" || response.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%.80q: %d %v %v", text, response.StatusCode, response.Header, answer)
		}
	}
	if n := w.count("x"); n != 0 {
		t.Errorf("%d events", n)
	}
}
