package protocol_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/wirejson"
)

// refusal makes the error of a host's answer.
func refusal(t *testing.T, text string) *protocol.Error {
	t.Helper()
	fields, _, ok := read([]byte(text))
	if !ok {
		t.Fatalf("not JSON: %s", text)
	}
	return protocol.RefusalOf(fields)
}

// relayed is a Matrix error as a host hands it on.
func relayed(status int, headers, body string) string {
	return fmt.Sprintf(`{"error":{"message":"told","matrix_api_error":{"http_status":%d,"http_headers":%s,"url":"","response":%s}}}`,
		status, headers, body)
}

func TestMatrixErrorsAreReadInEveryFormThatServersGaveThem(t *testing.T) {
	type want struct {
		errcode      string
		retry, limit float64
		gone         bool
	}
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   want
	}{
		{"too long, July 2024", 400, `{"errcode":"M_FUTURE_MAX_TIMEOUT_EXCEEDED"}`, want{errcode: "M_FUTURE_MAX_TIMEOUT_EXCEEDED"}},
		{
			"too long, with the limit", 400, `{"errcode":"M_MAX_DELAY_EXCEEDED","max_delay":86400000}`,
			want{errcode: "M_MAX_DELAY_EXCEEDED", limit: 86400000},
		},
		{
			"too long, unstable", 400, `{"errcode":"M_UNKNOWN","org.matrix.msc4140.errcode":"M_MAX_DELAY_EXCEEDED","org.matrix.msc4140.max_delay":60000}`,
			want{errcode: "M_MAX_DELAY_EXCEEDED", limit: 60000},
		},
		{
			"too long, February 2026", 400, `{"errcode":"ORG.MATRIX.MSC4140_MAX_DELAY_EXCEEDED","org.matrix.msc4140.max_delay":60000}`,
			want{errcode: "ORG.MATRIX.MSC4140_MAX_DELAY_EXCEEDED", limit: 60000},
		},
		{"too long, May 2026", 400, `{"errcode":"M_INVALID_PARAM"}`, want{errcode: "M_INVALID_PARAM"}},
		{
			"too long, Synapse 1.157", 403, `{"errcode":"M_FORBIDDEN","error":"The requested delay (90000000ms) exceeds the allowed maximum (86400000ms)"}`,
			want{errcode: "M_FORBIDDEN"},
		},
		{
			"too many, 2024", 400, `{"errcode":"M_UNKNOWN","org.matrix.msc4140.errcode":"M_MAX_DELAYED_EVENTS_EXCEEDED"}`,
			want{errcode: "M_MAX_DELAYED_EVENTS_EXCEEDED"},
		},
		{"too many, January 2026", 403, `{"errcode":"M_RESOURCE_LIMIT_EXCEEDED"}`, want{errcode: "M_RESOURCE_LIMIT_EXCEEDED"}},
		{"too many, Synapse 1.157", 429, `{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2000}`, want{errcode: "M_LIMIT_EXCEEDED", retry: 2000}},
		{
			"off, until 1.156", 400, `{"errcode":"M_UNKNOWN","org.matrix.msc4140.errcode":"M_MAX_DELAY_UNSUPPORTED"}`,
			want{errcode: "M_MAX_DELAY_UNSUPPORTED"},
		},
		{"off, 1.157", 403, `{"errcode":"M_FORBIDDEN","error":"Delayed events are disabled"}`, want{errcode: "M_FORBIDDEN"}},
		{"unknown token, first draft", 410, `{"errcode":"M_UNKNOWN"}`, want{errcode: "M_UNKNOWN", gone: true}},
		{"unknown id", 404, `{"errcode":"M_NOT_FOUND","error":"Delayed event not found"}`, want{errcode: "M_NOT_FOUND", gone: true}},
		{"finished, May 2026", 409, `{"errcode":"M_UNKNOWN"}`, want{errcode: "M_UNKNOWN", gone: true}},
		{"finished, merged: no errcode", 409, `{}`, want{gone: true}},
		{"bad action", 400, `{"errcode":"M_INVALID_PARAM"}`, want{errcode: "M_INVALID_PARAM"}},
		{"missing action", 400, `{"errcode":"M_MISSING_PARAM"}`, want{errcode: "M_MISSING_PARAM"}},
		{"no token", 401, `{"errcode":"M_MISSING_TOKEN"}`, want{errcode: "M_MISSING_TOKEN"}},
		{"unknown endpoint", 404, `{"errcode":"M_UNRECOGNIZED"}`, want{errcode: "M_UNRECOGNIZED"}},
		{"wrong method", 405, `{"errcode":"M_UNRECOGNIZED"}`, want{errcode: "M_UNRECOGNIZED"}},
		{"a 404 of a proxy", 404, `{}`, want{}},
		{"server fault", 502, `{}`, want{}},
		{"odd members", 429, `{"errcode":5,"retry_after_ms":"2000","max_delay":null}`, want{}},
		{"odd numbers", 429, `{"errcode":"X","retry_after_ms":-1,"max_delay":0}`, want{errcode: "X"}},
	} {
		// The JavaScript host's form, and the Rust host's, which leaves the
		// headers and the address out.
		js := relayed(test.status, `{}`, test.body)
		rust := strings.Replace(strings.Replace(js, `"http_headers":{},`, "", 1), `"url":"",`, "", 1)
		for _, text := range []string{js, rust} {
			e := refusal(t, text)
			if e == nil || e.Code != protocol.CodeMatrix || e.Message != "told" || e.HTTPStatus != test.status || e.Body.Kind != protocol.Opaque {
				t.Errorf("%s: %+v", test.name, e)
				continue
			}
			if got := (want{e.Errcode, e.RetryAfterMs, e.MaxDelayMs, e.Spent()}); got != test.want {
				t.Errorf("%s: read %+v, want %+v", test.name, got, test.want)
			}
			if e.Unrecognized() != (test.want.errcode == "M_UNRECOGNIZED") {
				t.Errorf("%s: unrecognized is %v", test.name, e.Unrecognized())
			}
		}
	}
}

func TestRetryAfterIsTheHeadersAndElseTheBodys(t *testing.T) {
	const body = `{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2000}`
	for header, want := range map[string]float64{
		`{"retry-after":"3"}`: 3000, `{"retry-after":"0"}`: 2000, `{"retry-after":""}`: 2000, `{}`: 2000, `null`: 2000,
		`{"retry-after":"Wed, 21 Oct 2026 07:28:00 GMT"}`: 2000, `{"retry-after":"1.5"}`: 2000, `{"retry-after":"-3"}`: 2000,
		`{"retry-after":" 3"}`: 2000, `{"retry-after":"99999999999999999999"}`: 2000, `{"retry-after":3}`: 2000,
		`{"Retry-After":"3"}`: 2000, `{"retry-after":"3600"}`: 3600000,
	} {
		if e := refusal(t, relayed(429, header, body)); e.RetryAfterMs != want {
			t.Errorf("%s: %v", header, e.RetryAfterMs)
		}
	}
}

func TestOnlyAnErrorWithAMessageIsARefusal(t *testing.T) {
	for text, code := range map[string]protocol.Code{
		`{}`: protocol.NoCode, `{"error":null}`: protocol.NoCode, `{"error":"x"}`: protocol.NoCode, `{"error":{}}`: protocol.NoCode,
		`{"error":{"message":5}}`: protocol.NoCode, `{"error":["message"]}`: protocol.NoCode,
		`{"error":{"message":"x"}}`: protocol.CodeHost, `{"error":{"message":""}}`: protocol.CodeHost,
		`{"error":{"message":"x"},"event_id":"$e"}`:                                         protocol.CodeHost,
		`{"error":{"message":"x","matrix_api_error":null}}`:                                 protocol.CodeHost,
		`{"error":{"message":"x","matrix_api_error":"M_FORBIDDEN"}}`:                        protocol.CodeHost,
		`{"error":{"message":"x","matrix_api_error":{}}}`:                                   protocol.CodeHost,
		`{"error":{"message":"x","matrix_api_error":{"http_status":"403"}}}`:                protocol.CodeHost,
		`{"error":{"message":"x","matrix_api_error":{"http_status":403}}}`:                  protocol.CodeMatrix,
		`{"error":{"message":"x","matrix_api_error":{"response":{"errcode":"M_UNKNOWN"}}}}`: protocol.CodeMatrix,
	} {
		e := refusal(t, text)
		if (e == nil) != (code == protocol.NoCode) || e != nil && e.Code != code {
			t.Errorf("%s: %+v", text, e)
		}
	}
}

func TestHostsOwnRefusalIsNeverTakenForAFutureThatIsGone(t *testing.T) {
	for _, message := range []string{
		"Error updating delayed event", "M_NOT_FOUND", "404", "error sending request for url (…)", "Unknown or unsupported action",
	} {
		e := refusal(t, fmt.Sprintf(`{"error":{"message":%q}}`, message))
		if e.Code != protocol.CodeHost || e.Spent() || e.Unrecognized() || e.Message != message {
			t.Errorf("%q: %+v", message, e)
		}
	}
}

func TestHomeserversAnswerIsReadLikeARelayedOne(t *testing.T) {
	for _, test := range []struct {
		status  int
		body    string
		errcode string
		retry   float64
		gone    bool
	}{
		{410, `{"body":{"errcode":"M_UNKNOWN","error":"told"}}`, "M_UNKNOWN", 0, true},
		{404, `{"body":{"errcode":"M_NOT_FOUND","error":"told"}}`, "M_NOT_FOUND", 0, true},
		{404, `{}`, "", 0, false}, // not a Matrix answer: a wrong base URL
		{404, `{"body":{"errcode":"M_UNRECOGNIZED"}}`, "M_UNRECOGNIZED", 0, false},
		{429, `{"body":{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":1500}}`, "M_LIMIT_EXCEEDED", 1500, false},
		{500, `{"body":"<html>"}`, "", 0, false},
	} {
		fields, err := wirejson.New("me-").Decode(protocol.HTTP, []byte(test.body))
		if err != nil {
			t.Fatal(err)
		}
		e := protocol.HTTPRefusal(test.status, fields)
		if e.Code != protocol.CodeMatrix || e.HTTPStatus != test.status || e.Message == "" ||
			e.Errcode != test.errcode || e.RetryAfterMs != test.retry || e.Spent() != test.gone {
			t.Errorf("%d %s: %+v", test.status, test.body, e)
		}
		if strings.Contains(test.body, "told") != (e.Message == "told") {
			t.Errorf("%s: message %q", test.body, e.Message)
		}
	}
}

func TestErrorTellsThePageWhatItHoldsAndNothingElse(t *testing.T) {
	build := func(e *protocol.Error) string {
		object, err := wirejson.New("me-").Build(protocol.AppendError(nil, e))
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if got := build(protocol.Invalid(protocol.TimeoutMs, "is wrong")); got != `{"code":8,"message":"timeoutMs: is wrong"}` {
		t.Errorf("built %s", got)
	}
	full := &protocol.Error{
		Code: protocol.CodeMatrix, Message: "m", Hint: "h", Action: "a", Serial: 7, Errcode: "E", HTTPStatus: 429,
		RetryAfterMs: 1, MaxDelayMs: 2, Body: protocol.Str("b"), Missing: []string{"c"}, EventID: protocol.Str("$e"),
		RoomID: protocol.Str("!r"), DeadlineMs: 3,
	}
	want := `{"action":"a","body":"b","code":1,"deadlineMs":3,"errcode":"E","eventId":"$e","hint":"h","httpStatus":429,` +
		`"maxDelayMs":2,"message":"m","missing":["c"],"requestId":"me-7","retryAfterMs":1,"roomId":"!r"}`
	if got := build(full); got != want {
		t.Errorf("built %s", got)
	}
	if got := full.Error(); got != "matrix: m" {
		t.Errorf("as a Go error %q", got)
	}
}

func TestRefusalsToScheduleAreToldApartAsFarAsTheyCanBe(t *testing.T) {
	for _, test := range []struct {
		status           int
		errcode          string
		tooLong, limited bool
	}{
		{400, "M_FUTURE_MAX_TIMEOUT_EXCEEDED", true, false},
		{400, "M_FUTURE_MAX_DELAY_EXCEEDED", true, false},
		{400, "M_MAX_DELAY_EXCEEDED", true, false},
		{400, "ORG.MATRIX.MSC4140_MAX_DELAY_EXCEEDED", true, false},
		{400, "M_INVALID_PARAM", true, false},
		{400, "M_UNKNOWN", true, false},
		{400, "", true, false},
		{403, "M_FORBIDDEN", true, false},
		{0, "M_FORBIDDEN", true, false},
		{400, "M_FORBIDDEN", false, false}, // a group of somebody else (June 2024)
		{400, "M_MAX_DELAY_UNSUPPORTED", false, false},
		{400, "M_BAD_JSON", false, false},
		{404, "M_UNRECOGNIZED", false, false},
		{500, "M_UNKNOWN", false, false},
		{429, "M_LIMIT_EXCEEDED", false, true},
		{400, "M_MAX_DELAYED_EVENTS_EXCEEDED", false, true},
		{403, "M_RESOURCE_LIMIT_EXCEEDED", false, true},
		{403, "M_USER_LIMIT_EXCEEDED", false, true},
	} {
		e := &protocol.Error{Code: protocol.CodeMatrix, HTTPStatus: test.status, Errcode: test.errcode}
		if e.MaybeTooLong() != test.tooLong || e.Limited() != test.limited {
			t.Errorf("%d %s: too long %v, limited %v", test.status, test.errcode, e.MaybeTooLong(), e.Limited())
		}
		if e.Code = protocol.CodeHost; e.MaybeTooLong() || e.Limited() {
			t.Errorf("%d %s counts without being a Matrix error", test.status, test.errcode)
		}
	}
}
