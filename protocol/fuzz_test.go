package protocol_test

import (
	"encoding/json"
	"math"
	"path/filepath"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/wirejson"
)

// answers adds the response of every recorded answer, and forms besides.
func answers(f *testing.F) {
	files, err := filepath.Glob("future/testdata/transcripts/*.jsonl")
	if err != nil || len(files) == 0 {
		f.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		rows, err := wirejson.ReadTranscript(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, row := range rows {
			var answer struct{ Response json.RawMessage }
			if row.Msg != nil && json.Unmarshal(row.Msg, &answer) == nil && answer.Response != nil {
				f.Add([]byte(answer.Response))
			}
		}
	}
	for _, text := range []string{
		`null`, `[]`, `"x"`, `{"event_id":null,"delay_id":"syd_x"}`, `{"event_id":"","group_id":"g","send_token":"s"}`,
		`{"delay_id":5,"event_id":"$e"}`, `{"error":{"message":""}}`, `{"error":"x"}`, `{"error":{"message":5}}`,
		`{"error":{"message":"x","matrix_api_error":{"http_status":1e300,"response":{"errcode":5}}}}`,
		`{"error":{"message":"x","matrix_api_error":{"http_status":429,"http_headers":{"retry-after":"99999999999999999999"},"response":{"retry_after_ms":-1}}}}`,
	} {
		f.Add([]byte(text))
	}
}

// read makes an answer of a response's JSON, both as fields and as it is.
func read(text []byte) (fields []protocol.Field, response any, ok bool) {
	message, err := json.Marshal(map[string]any{"response": json.RawMessage(text)})
	if err != nil {
		return nil, nil, false
	}
	fields, err = wirejson.New("me-").Decode(protocol.Wire, message)
	if err != nil || json.Unmarshal(text, &response) != nil {
		return nil, nil, false
	}
	return fields, response, true
}

// member follows the names through objects; nil where the way ends.
func member(v any, names ...string) any {
	for _, name := range names {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

func FuzzReceipt(f *testing.F) {
	answers(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		fields, response, ok := read(text)
		if !ok {
			return
		}
		r, err := protocol.ParseReceipt(fields)
		proof := false
		for name, got := range map[string]string{
			"delay_id": r.DelayID, "send_token": r.SendToken, "cancel_token": r.CancelToken, "refresh_token": r.RefreshToken,
		} {
			said, _ := member(response, name).(string)
			if got != "" && got != said {
				t.Fatalf("%s is %q, the host said %q", name, got, said)
			}
			proof = proof || got != ""
			if v := member(response, name); err == nil && v != nil && v != got {
				t.Fatalf("%s: %v passed unnoticed as %q", name, v, got)
			}
		}
		if r.Scheduled() != proof {
			t.Fatalf("scheduled is %v, of %+v", r.Scheduled(), r)
		}
		said, _ := member(response, "event_id").(string)
		if r.EventID.Set() != (said != "") {
			t.Fatalf("event id %v of %q", r.EventID, said)
		}
		switch response.(type) {
		case map[string]any, []any: // a list has no members: it proves nothing
		default:
			if err == nil {
				t.Fatalf("a receipt of %v", response)
			}
		}
	})
}

func FuzzRefusal(f *testing.F) {
	answers(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		fields, response, ok := read(text)
		if !ok {
			return
		}
		e := protocol.RefusalOf(fields)
		message, refused := member(response, "error", "message").(string)
		if (e != nil) != refused {
			t.Fatalf("%s: refusal %v", text, e)
		}
		if e == nil {
			return
		}
		if e.Message != message && len(message) <= protocol.MaxText {
			t.Fatalf("the message %q became %q", message, e.Message)
		}
		if e.Code != protocol.CodeHost && e.Code != protocol.CodeMatrix {
			t.Fatalf("code %v", e.Code)
		}
		if e.Code == protocol.CodeHost && (e.Errcode != "" || e.HTTPStatus != 0) {
			t.Fatalf("a host's own refusal with details: %+v", e)
		}
		if e.HTTPStatus < 0 || e.HTTPStatus > 999 {
			t.Fatalf("status %d", e.HTTPStatus)
		}
		for _, ms := range []float64{e.RetryAfterMs, e.MaxDelayMs} {
			if !(ms >= 0) || math.IsInf(ms, 0) {
				t.Fatalf("a wait or delay of %v", ms)
			}
		}
		if e.Spent() && e.Unrecognized() {
			t.Fatalf("gone and unknown at once: %+v", e)
		}
	})
}
