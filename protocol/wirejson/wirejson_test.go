package wirejson

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/widget-futures/widget-futures/protocol"
)

func decode(t *testing.T, c *Codec, side protocol.Side, text string) []protocol.Field {
	t.Helper()
	fields, err := c.Decode(side, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return fields
}

func TestEachModeOfTheTableReadsItsOwnWay(t *testing.T) {
	c := New("me-")
	long := strings.Repeat("x", protocol.MaxText+1)
	message := decode(t, c, protocol.Wire, `{"api":"fromWidget","widgetId":"w1","requestId":"me-7","action":"send_event",
		"data":{"type":"not read","approved":["a",5,""]},
		"response":{"event_id":"$e","delay_id":"d","room_id":"","send_token":"`+long+`","supported_versions":{},"capabilities":["not read"]}}`)
	want := map[protocol.Path]protocol.Value{
		protocol.API:           protocol.FromWidget.Value(),
		protocol.Action:        protocol.ActSendEvent.Value(),
		protocol.RequestID:     {Kind: protocol.Serial, ID: 7},
		protocol.RespDelayID:   protocol.Str("d"),
		protocol.RespRoomID:    protocol.Str(""),
		protocol.DataType:      {},
		protocol.RespGroupID:   {},
		protocol.DataRequested: {},
	}
	for path, value := range want {
		if got := protocol.Get(message, path); got != value {
			t.Errorf("%v is %v, want %v", path, got, value)
		}
	}
	for path, kind := range map[protocol.Path]protocol.Kind{
		protocol.WidgetID: protocol.Text, protocol.Data: protocol.Opaque, protocol.Response: protocol.Opaque,
		protocol.RespEventID: protocol.Kept, protocol.RespSendToken: protocol.Kept, protocol.RespVersions: protocol.Opaque,
		protocol.DataApproved: protocol.List, protocol.RespCapabilities: protocol.Absent,
	} {
		if got := protocol.Get(message, path); got.Kind != kind {
			t.Errorf("%v is of kind %v, want %v", path, got.Kind, kind)
		}
	}
	if _, ok := protocol.Texts(message, protocol.DataApproved); ok {
		t.Error("a list with a number in it counts as texts")
	}
	args := decode(t, c, protocol.Page, `{"content":{"redacts":null,"msgtype":"m.text"},"data":{"delay":null}}`)
	if protocol.Get(args, protocol.ContentRedacts).Kind != protocol.True || protocol.Get(args, protocol.PayloadDelay).Kind != protocol.True {
		t.Error("a member that is there as null was not seen")
	}
}

func TestRecurringTextsKeepTheirNumbers(t *testing.T) {
	c := New("me-")
	first := protocol.Get(decode(t, c, protocol.Wire, `{"widgetId":"w1"}`), protocol.WidgetID)
	again := protocol.Get(decode(t, c, protocol.Wire, `{"action":"w1"}`), protocol.Action)
	other := protocol.Get(decode(t, c, protocol.Wire, `{"widgetId":"w2"}`), protocol.WidgetID)
	if first.ID == 0 || first != again || other.ID == first.ID || int(first.ID) < len(protocol.Names()) {
		t.Fatalf("numbers %v %v %v", first, again, other)
	}
}

func TestRequestIDsAreOursOnlyInTheOneSpellingWeWrite(t *testing.T) {
	c := New("me-")
	for text, ours := range map[string]bool{
		"me-1": true, "me-2147483647": true,
		"me-2147483648": false, "me-0": false, "me-01": false, "me-+1": false, "me--1": false, "me-1 ": false, "me-": false,
		"ME-1": false, "1": false, "me-1x": false, "me-٣": false,
	} {
		raw, _ := json.Marshal(map[string]any{"requestId": text})
		v := protocol.Get(decode(t, c, protocol.Wire, string(raw)), protocol.RequestID)
		if (v.Kind == protocol.Serial) != ours {
			t.Errorf("%q is of kind %v", text, v.Kind)
		}
	}
}

func TestBuildWritesWhatItWasGivenAndNothingElse(t *testing.T) {
	c := New("me-")
	args := decode(t, c, protocol.Page, `{"content":{"a":[1,{"b":null}]}}`)
	fields := []protocol.Field{
		protocol.FromWidget.Value().At(protocol.API),
		{Path: protocol.RequestID, Value: protocol.Value{Kind: protocol.Serial, ID: 3}},
		protocol.Get(args, protocol.Content).At(protocol.DataContent),
		protocol.Num(8000).At(protocol.DataDelay),
		protocol.Bool(false).At(protocol.Ended),
		protocol.Value{Kind: protocol.Opaque}.At(protocol.Response),
	}
	fields = protocol.AppendTexts(fields, protocol.DataCapabilities, []string{"x", ""})
	fields = protocol.AppendTexts(fields, protocol.Missing, nil)
	got, err := c.Build(fields)
	want := map[string]any{
		"api": "fromWidget", "requestId": "me-3", "ended": false, "response": map[string]any{}, "missing": []any{},
		"data": map[string]any{
			"content": map[string]any{"a": []any{1.0, map[string]any{"b": nil}}}, "delay": 8000.0, "capabilities": []any{"x", ""},
		},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("built %v, %v", got, err)
	}
}

func TestBuildRefusesWhatMustNeverBeWritten(t *testing.T) {
	c := New("me-")
	for name, fields := range map[string][]protocol.Field{
		"absent":         {protocol.Value{}.At(protocol.DataDelay)},
		"null":           {protocol.Value{Kind: protocol.Null}.At(protocol.DataDelay)},
		"unknown handle": {protocol.Value{Kind: protocol.Opaque, ID: 99}.At(protocol.Data)},
		"no handle":      {protocol.Value{Kind: protocol.Kept}.At(protocol.Data)},
		"short list":     {protocol.Value{Kind: protocol.List, ID: 2}.At(protocol.Missing), protocol.Str("x").At(protocol.Missing)},
		"foreign element": {
			protocol.Value{Kind: protocol.List, ID: 1}.At(protocol.Missing), protocol.Str("x").At(protocol.Hint),
		},
		"null element": {
			protocol.Value{Kind: protocol.List, ID: 1}.At(protocol.Missing), protocol.Value{Kind: protocol.Null}.At(protocol.Missing),
		},
	} {
		if object, err := c.Build(fields); err == nil {
			t.Errorf("%s: built %v", name, object)
		}
	}
}

func TestOnlyJSONObjectsAreDecoded(t *testing.T) {
	for _, text := range []string{"", "null", "[]", `"x"`, "5", "{", `{"a":}`, "{}{}"} {
		if fields, err := New("me-").Decode(protocol.Wire, []byte(text)); err == nil {
			t.Errorf("%q: decoded %v", text, fields)
		}
	}
}

func TestForwardedValueStaysAsItIsWhateverIsBuiltBesideIt(t *testing.T) {
	c := New("me-")
	args := decode(t, c, protocol.Page, `{"data":{"delay":1}}`)
	payload := protocol.Get(args, protocol.Payload)
	delay := protocol.Num(5).At(protocol.DataDelay)
	for _, fields := range [][]protocol.Field{{payload.At(protocol.Data), delay}, {delay, payload.At(protocol.Data), delay}} {
		if got, err := c.Build(fields); err != nil || !reflect.DeepEqual(got["data"], map[string]any{"delay": 5.0}) {
			t.Fatalf("built %v, %v", got, err)
		}
	}
	got, err := c.Build([]protocol.Field{payload.At(protocol.Data)})
	if err != nil || !reflect.DeepEqual(got["data"], map[string]any{"delay": 1.0}) {
		t.Fatalf("the page's value became %v, %v", got["data"], err)
	}
}
