package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// built makes a directory as the web tooling leaves one.
func built(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"host/index.html": "host page", "widget/index.html": "widget page", "secret.txt": "outside both origins",
		"widget/widget-futures.wasm": "\x00asm", "widget/widget-futures.wasm.br": "packed", "widget/widget.js": "1", "widget/widget.mjs": "1", "widget/sub/index.html": "sub",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var anyPorts = addresses{host: "127.0.0.1:0", widget: "127.0.0.1:0", homeserver: "127.0.0.1:0"}

func started(t *testing.T) *demo {
	t.Helper()
	d, err := start(anyPorts, built(t), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	return d
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestEachOriginServesItsOwnPagesWithTheTypesBrowsersInsistOn(t *testing.T) {
	d := started(t)
	if _, body := get(t, d.config.Host); body != "host page" {
		t.Errorf("host: %q", body)
	}
	for path, want := range map[string]string{
		"": "text/html; charset=utf-8", "index.html": "text/html; charset=utf-8", "sub/": "text/html; charset=utf-8",
		"widget-futures.wasm": "application/wasm", "widget.js": "text/javascript; charset=utf-8", "widget.mjs": "text/javascript; charset=utf-8",
		"config.json": "application/json",
	} {
		response, _ := get(t, d.config.Widget+path)
		if response.StatusCode != 200 || response.Header.Get("Content-Type") != want || response.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%q: %d %v", path, response.StatusCode, response.Header)
		}
		if got := response.Header.Get("Content-Security-Policy"); got != widgetCSP {
			t.Errorf("%q: CSP %q", path, got)
		}
	}
	for _, path := range []string{"missing.js", "sub", "..%2fsecret.txt", "../secret.txt"} {
		if response, body := get(t, d.config.Widget+path); response.StatusCode != 404 {
			t.Errorf("%q: %d %q", path, response.StatusCode, body)
		}
	}
}

func TestAFileThatIsThereAsBrotliIsSentSoToWhoeverTakesIt(t *testing.T) {
	d := started(t)
	for accepted, want := range map[string]string{"gzip, br": "packed", "gzip": "\x00asm"} {
		request, err := http.NewRequest("GET", d.config.Widget+"widget-futures.wasm", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept-Encoding", accepted)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || string(body) != want {
			t.Errorf("%s: %q, %v", accepted, body, err)
		}
		header := response.Header
		if (header.Get("Content-Encoding") == "br") != (want == "packed") || header.Get("Content-Type") != "application/wasm" ||
			header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %v", accepted, header)
		}
	}
}

func TestAWidgetPageMayAskForAPolicyWithoutWorkers(t *testing.T) {
	d := started(t)
	response, _ := get(t, d.config.Widget+"?csp=no-worker")
	if got := response.Header.Get("Content-Security-Policy"); got != scriptCSP || strings.Contains(got, "worker") {
		t.Errorf("CSP %q", got)
	}
}

func TestTheHostOriginAloneSwitchesTheHomeserversFaults(t *testing.T) {
	d := started(t)
	post := func(base string) *http.Response {
		response, err := http.Post(base+"homeserver", "application/json", strings.NewReader(`{"faults": {"status": 503}}`))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response
	}
	versions := d.config.Homeserver + "_matrix/client/versions"
	if response := post(d.config.Widget); response.StatusCode != 405 {
		t.Errorf("widget origin: %d", response.StatusCode)
	}
	if response, _ := get(t, versions); response.StatusCode != 200 {
		t.Errorf("before: %d", response.StatusCode)
	}
	if response := post(d.config.Host); response.StatusCode != 200 {
		t.Errorf("host origin: %d", response.StatusCode)
	}
	if response, _ := get(t, versions); response.StatusCode != 503 {
		t.Errorf("after: %d", response.StatusCode)
	}
	if _, body := get(t, d.config.Host+"homeserver"); !strings.Contains(body, `"status":503`) {
		t.Errorf("told: %s", body)
	}
}

func TestTheWidgetOriginsConfigHasNoAccessToken(t *testing.T) {
	d := started(t)
	read := func(base string) (c config) {
		_, body := get(t, base+"config.json")
		if err := json.Unmarshal([]byte(body), &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := read(d.config.Host); c != d.config || c.AccessToken == "" || c.Moderator.AccessToken == "" {
		t.Errorf("host: %+v", c)
	}
	if c := read(d.config.Widget); c != d.config.forWidget() || c.RoomID == "" {
		t.Errorf("widget: %+v", c)
	}
	_, body := get(t, d.config.Widget+"config.json")
	if strings.Contains(body, "ccessToken") || strings.Contains(body, d.config.AccessToken) {
		t.Errorf("widget: %s", body)
	}
}

func TestTheWidgetOriginAnswersOnLocalhostToo(t *testing.T) {
	d := started(t)
	if _, body := get(t, strings.Replace(d.config.Widget, "127.0.0.1", "localhost", 1)); body != "widget page" {
		t.Errorf("got %q", body)
	}
}

func TestARequestUnderAForeignNameIsRefused(t *testing.T) {
	d := started(t)
	request, err := http.NewRequest("GET", d.config.Host+"config.json", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "rebound.example:80"
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusMisdirectedRequest || strings.Contains(string(body), "ccess") {
		t.Errorf("%d %s", response.StatusCode, body)
	}
}

func TestADelayedFileArrivesLate(t *testing.T) {
	d := started(t)
	begin := time.Now()
	if _, body := get(t, d.config.Widget+"widget.js?delay=150"); body != "1" || time.Since(begin) < 150*time.Millisecond {
		t.Errorf("%q after %v", body, time.Since(begin))
	}
	if response, _ := get(t, d.config.Widget+"widget.js?delay=soon"); response.StatusCode != 400 {
		t.Errorf("a delay that is no number: %d", response.StatusCode)
	}
}

func TestAliceAndTheModeratorAreInTheRoomOfTheDemo(t *testing.T) {
	d := started(t)
	for _, token := range []string{d.config.AccessToken, d.config.Moderator.AccessToken} {
		request, err := http.NewRequest("PUT", d.config.Homeserver+"_matrix/client/v3/rooms/"+d.config.RoomID+
			"/state/org.matrix.msc3401.call.member/_k", strings.NewReader(`{"by":"`+token[:8]+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != 200 {
			t.Errorf("status %d", response.StatusCode)
		}
	}
}

func TestAnnounceIsOneLineOfJSONAndTheDemoEndsWithItsStdin(t *testing.T) {
	stdin, closeStdin := io.Pipe()
	out, stdout := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run([]string{"-announce", "-host", "127.0.0.1:0", "-widget", "127.0.0.1:0", "-homeserver", "127.0.0.1:0", "-dir", built(t)}, stdin, stdout)
		stdout.Close()
	}()
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal(<-ended)
	}
	var c config
	if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
		t.Fatal(err)
	}
	if _, body := get(t, c.Host); body != "host page" {
		t.Errorf("host: %q", body)
	}
	closeStdin.Close()
	if lines.Scan() {
		t.Errorf("a second line: %s", lines.Text())
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if response, err := http.Get(c.Host); err == nil {
		response.Body.Close()
		t.Error("still served after the end")
	}
}

func TestADefaultPortThatIsTakenGivesWayAndAnAskedForOneDoesNot(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	address := taken.Addr().String()
	listeners, err := listen("-host", address, address)
	if err != nil {
		t.Fatal(err)
	}
	for _, listener := range listeners {
		listener.Close()
	}
	if listeners[0].Addr().String() == address {
		t.Error("the same port twice")
	}
	if _, err := listen("-host", address, defaultHost); err == nil || !strings.Contains(err.Error(), "-host "+address) {
		t.Errorf("got %v", err)
	}
}

func TestAWrongArgumentIsNamedInTheError(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-dir", t.TempDir()}, "run `make run`"},
		{[]string{"-dir", built(t), "-widget", "0.0.0.0:0"}, "-widget must be a loopback address"},
		{[]string{"-dir", built(t), "-homeserver", "8008"}, "-homeserver must be host:port"},
		{[]string{"-dir", built(t), "extra"}, `unexpected argument "extra"`},
	} {
		args := append([]string{"-host", "127.0.0.1:0"}, c.args...)
		if err := run(args, strings.NewReader(""), io.Discard); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v", c.args, err)
		}
	}
}
