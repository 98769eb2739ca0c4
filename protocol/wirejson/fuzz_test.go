package wirejson

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

// seeds adds every recorded message, and forms that hosts were seen to send or
// could.
func seeds(f *testing.F) {
	files, err := filepath.Glob("../future/testdata/transcripts/*.jsonl")
	if err != nil || len(files) == 0 {
		f.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		rows, err := ReadTranscript(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, row := range rows {
			if row.Msg != nil {
				f.Add(uint8(protocol.Wire), []byte(row.Msg))
			}
		}
	}
	for _, text := range []string{
		`{}`, `{"":""}`, `{"response":{"event_id":null,"delay_id":"syd_x"}}`, `{"response":false}`,
		`{"response":{"error":{"message":"x","matrix_api_error":{"http_status":403,"response":{"errcode":"M_FORBIDDEN"}}}}}`,
		`{"data":{"approved":["a",1,null,""],"requested":{}},"requestId":"me-1"}`, `{"requestId":"me-99999999999"}`,
		`{"content":{"redacts":0,"msgtype":"\ud800"},"capabilities":[],"data":{"delay":null}}`,
		`{"body":{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":1e308}}`,
	} {
		for side := range len(roots) {
			f.Add(uint8(side), []byte(text))
		}
	}
}

// flat replaces handles by the values they stand for, so that two readings of
// the same thing are equal.
func flat(c *Codec, fields []protocol.Field) []any {
	var list []any
	for _, f := range fields {
		var stands any
		if f.Kind == protocol.Opaque || f.Kind == protocol.Kept {
			stands, f.ID = c.values[f.ID], 0
		}
		list = append(list, f, stands)
	}
	return list
}

// at is the value at a path's place, as a reader of the JSON would find it.
func at(object map[string]any, keys []string) any {
	for _, key := range keys[:len(keys)-1] {
		object, _ = object[key].(map[string]any)
	}
	return object[keys[len(keys)-1]]
}

func FuzzDecode(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, number uint8, text []byte) {
		side := protocol.Side(int(number) % len(roots))
		c := New("me-")
		fields, err := c.Decode(side, text)
		if err != nil {
			return
		}
		again, err := c.Decode(side, text)
		if err != nil || !reflect.DeepEqual(flat(c, fields), flat(c, again)) {
			t.Fatalf("decoded %v, then %v, %v", fields, again, err)
		}
		var object map[string]any
		if err := json.Unmarshal(text, &object); err != nil {
			t.Fatal(err)
		}
		for i, field := range fields {
			info := protocol.Paths()[field.Path]
			if info.Side != side || info.Mode == protocol.Written {
				t.Fatalf("%v is read on side %d", field.Path, side)
			}
			element := i > 0 && fields[i-1].Path == field.Path
			if want := at(object, strings.Split(info.Name, "/")); !element && !stands(c, field.Value, want, info.Mode) {
				t.Fatalf("%v became %v", want, field)
			}
		}
		built, err := c.Build(writable(fields))
		if err != nil {
			t.Fatal(err)
		}
		if rebuilt := c.Read(side, built); !reflect.DeepEqual(flat(c, writable(fields)), flat(c, writable(rebuilt))) {
			t.Fatalf("%v was built to %v, which reads as %v", fields, built, rebuilt)
		}
	})
}

// stands reports whether a value says what the JSON does.
func stands(c *Codec, v protocol.Value, want any, mode protocol.Mode) bool {
	if mode == protocol.Seen {
		return v.Kind == protocol.True
	}
	switch want := want.(type) {
	case nil:
		return v.Kind == protocol.Null
	case string:
		return v.Kind == protocol.Text && v.Str == want || v.Kind == protocol.Kept && c.values[v.ID] == want ||
			v.Kind == protocol.Serial && c.prefix != "" && len(want) > len(c.prefix)
	case float64:
		return v.Kind == protocol.Number && v.Num == want
	case bool:
		return v.Kind == protocol.True && want || v.Kind == protocol.False && !want
	case []any:
		return v.Kind == protocol.List && int(v.ID) == len(want) || v.Kind == protocol.Opaque && mode != protocol.Listed
	}
	return v.Kind == protocol.Opaque
}

// writable leaves out what is never written: nulls, lists that hold one, and
// what was only seen.
func writable(fields []protocol.Field) []protocol.Field {
	var kept []protocol.Field
	for i := 0; i < len(fields); i++ {
		n := 0
		if fields[i].Kind == protocol.List {
			n = int(fields[i].ID)
		}
		whole := fields[i : i+1+n]
		i += n
		null := protocol.Paths()[whole[0].Path].Mode == protocol.Seen
		for _, f := range whole {
			null = null || f.Kind == protocol.Null
		}
		if !null {
			kept = append(kept, whole...)
		}
	}
	return kept
}
