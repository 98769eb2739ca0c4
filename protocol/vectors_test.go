package protocol

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// The shim builds capabilities before any wasm is there, so the rule stands in
// two languages; both are held to the same vectors (web/test/unit/capability.test.mjs).
func TestCapabilitiesAreBuiltAsTheSharedVectorsSay(t *testing.T) {
	text, err := os.ReadFile("testdata/capabilities.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Make string
		Args []string
		Want string
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, row := range CapabilityNames() {
		names[row.Word] = row.Text
	}
	for _, v := range vectors {
		arg := func(i int) *string {
			if i < len(v.Args) {
				return &v.Args[i]
			}
			return nil
		}
		event := func(prefix string) string {
			msgtype := ""
			if arg(1) != nil {
				msgtype = *arg(1)
			}
			return EventCapability(prefix, *arg(0), msgtype)
		}
		var got string
		switch text := names[v.Make]; text {
		case "":
			t.Errorf("there is no capability named %s", v.Make)
		case CapSendEvent, CapReceiveEvent:
			got = event(text)
		case CapSendState, CapReceiveState:
			got = StateCapability(text, *arg(0), arg(1))
		default:
			got = text
			if strings.HasSuffix(text, ":") {
				got += *arg(0)
			}
		}
		if got != v.Want {
			t.Errorf("%s%v = %q, want %q", v.Make, v.Args, got, v.Want)
		}
	}
}
