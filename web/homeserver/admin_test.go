package homeserver

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

// admin sends one request to the admin handler.
func (w *world) admin(method, contentType, body string) (int, map[string]map[string]any, string) {
	w.t.Helper()
	r := httptest.NewRequest(method, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	recorder := httptest.NewRecorder()
	w.server.AdminHandler().ServeHTTP(recorder, r)
	var told struct{ Options, Faults map[string]any }
	json.Unmarshal(recorder.Body.Bytes(), &told) // an error is another form, and compared as text
	return recorder.Code, map[string]map[string]any{"options": told.Options, "faults": told.Faults}, recorder.Body.String()
}

const asJSON = "application/json"

// hasMember looks into an object of JSON text.
func hasMember(text, name string, want any) bool {
	var object map[string]any
	return json.Unmarshal([]byte(text), &object) == nil && object[name] == want
}

func TestTheAdminHandlerChangesOptionsAndFaultsAndTellsThem(t *testing.T) {
	w := newWorld(t, Options{MaxScheduled: 7})
	id := w.delay(leaveState, w.alice, 60_000, map[string]any{})
	code, state, text := w.admin("POST", asJSON,
		`{"options": {"maxDelayMs": 5000, "tooLong": "unstable"}, "faults": {"status": 429, "retryAfterMs": 10, "only": "/send/"}, "forget": true}`)
	if code != 200 || state["options"]["maxDelayMs"] != 5000.0 || state["options"]["maxScheduled"] != 7.0 || state["faults"]["status"] != 429.0 {
		t.Fatalf("%d %s", code, text)
	}
	w.refused(400, codeUnknown, "PUT", w.roomPath(leaveState+"?org.matrix.msc4140.delay=5001"), w.alice, map[string]any{})
	w.refused(429, codeLimitExceeded, "PUT", w.roomPath("send/x/1"), w.alice, map[string]any{})
	w.refused(404, codeNotFound, "POST", delayedPath("/"+id+"/restart"), Account{}, nil)

	if _, _, text := w.admin("POST", asJSON, `{"options": {"tooLong": "forbidden"}}`); !strings.Contains(text, `"status":429`) {
		t.Errorf("faults not named are not to change: %s", text)
	}
	if _, state, text := w.admin("POST", asJSON, `{"faults": {}}`); state["faults"]["status"] != 0.0 || state["faults"]["only"] != "" {
		t.Errorf("faults without members are a good day: %s", text)
	}
	if code, state, text := w.admin("GET", "", ""); code != 200 || state["options"]["maxDelayMs"] != 5000.0 || state["options"]["tooLong"] != "forbidden" {
		t.Errorf("%d %s", code, text)
	}
	w.ok("PUT", w.roomPath("send/x/1"), w.alice, map[string]any{})
}

func TestTheAdminHandlerRefusesWhatItDoesNotUnderstandAndChangesNothing(t *testing.T) {
	w := newWorld(t, Options{})
	_, _, before := w.admin("GET", "", "")
	id := w.delay(leaveState, w.alice, 60_000, map[string]any{})
	for _, c := range []struct {
		method, contentType, body string
		status                    int
		want                      string
	}{
		{"PUT", asJSON, `{}`, 405, "GET and POST"},
		{"POST", "text/plain", `{"faults": {"status": 500}}`, 415, "application/json"},
		{"POST", asJSON, `{"fault": {}}`, 400, "fault"},
		{"POST", asJSON, `{"faults": {"staus": 500}}`, 400, "staus"},
		{"POST", asJSON, `{"faults": {"status": 42}}`, 400, "status"},
		{"POST", asJSON, `{"options": {"ServerName": "x"}}`, 400, "ServerName"},
		{"POST", asJSON, `{"options": {"tooLong": "x"}, "faults": {"status": 500}, "forget": true}`, 400, "tooLong"},
		{"POST", asJSON, `{"options": {"maxDelayMs": 5}, "faults": {"status": 42}, "forget": true}`, 400, "status"},
		{"POST", asJSON, `{"options": {"maxDelayMs": 5}, "faults": {"down": "stopped", "only": "x"}, "forget": true}`, 400, "only"},
		{"POST", asJSON, `{"options": {"generation": "x"}, "forget": true}`, 400, "generation must be one of"},
		{"POST", asJSON, `{"options": {"maxDelayMs": 5}, "stepClockMs": 99999999999999, "forget": true}`, 400, "stepClockMs"},
		{"POST", asJSON, `{"stepClockMs": 1.5}`, 400, "stepClockMs"},
		{"POST", asJSON, `{} {}`, 400, "more than one"},
		{"POST", asJSON, ``, 400, "EOF"},
		{"POST", asJSON, `{"faults": {"only": "` + strings.Repeat("x", maxBody) + `"}}`, 400, "too large"},
	} {
		if code, _, text := w.admin(c.method, c.contentType, c.body); code != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s %.60s: %d %s", c.method, c.body, code, text)
		}
	}
	if _, _, after := w.admin("GET", "", ""); after != before {
		t.Errorf("changed from %s to %s", before, after)
	}
	w.ok("POST", delayedPath("/"+id+"/restart"), Account{}, nil)
}

func TestTheAdminHandlerSwitchesEveryFormAndStepsTheClock(t *testing.T) {
	w := newWorld(t, Options{})
	began := w.clock.Now().UnixMilli()
	_, state, text := w.admin("POST", asJSON, `{"stepClockMs": -1500, "options": {"generation": "merged", "tooLong": "unstable",
		"tooMany": "unstable", "off": "unknown", "finished": "conflict", "futureErrors": "errcode"}}`)
	for name, want := range map[string]string{
		"generation": "merged", "tooLong": "unstable", "tooMany": "unstable", "off": "unknown", "finished": "conflict", "futureErrors": "errcode",
	} {
		if state["options"][name] != want {
			t.Errorf("%s: %s", name, text)
		}
	}
	w.delay("send/x/1", w.alice, 60_000, map[string]any{})
	item := w.ok("GET", delayedPath(""), w.alice, nil)["delayed_events"].([]any)[0].(map[string]any)
	if since := int64(item["running_since"].(float64)) - began; since != -1500 || !hasMember(text, "clockStepMs", -1500.0) {
		t.Errorf("scheduled at %d of the wall, told %s", since, text)
	}
}
