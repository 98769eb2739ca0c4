package homeserver

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// What a body may be, and what an event. Synapse 1.160.0 looks at most of the latter only when an event is really sent: what is scheduled
// may be refused when it is due, and nobody is told. The numbers are what it was seen to do.
const (
	maxBody   = 1 << 20  // ours, for every body; Synapse's is 200 events
	maxDepth  = 900      // of a body; Synapse's parser gives up somewhat later
	maxEvent  = 64 << 10 // with all that an event has besides what it says
	maxNested = 126      // objects and arrays in each other, in the content of an event
	maxName   = 255      // bytes of an event type and a state key

	besides = 555 // bytes of hashes, signatures, place in the graph and names of members
)

var (
	errBodyTooLarge  = &matrixError{status: http.StatusRequestEntityTooLarge, code: codeTooLarge, text: "The request body is larger than 1048576 bytes."}
	errEventTooLarge = &matrixError{status: http.StatusRequestEntityTooLarge, code: codeTooLarge, text: "event too large"}
	errNameTooLarge  = &matrixError{status: http.StatusRequestEntityTooLarge, code: codeTooLarge, text: "'type' or 'state_key' is too large"}
)

// checkSendable refuses what cannot be an event of a room version ≥ 6.
func (d *draft) checkSendable() error {
	size := besides + len(encode(d.content)) + len(d.kind) + len(d.sender.id) + len(d.room.id)
	if d.stateKey != nil {
		size += len(`,"state_key":""`) + len(*d.stateKey)
	}
	switch {
	case len(d.kind) > maxName || d.stateKey != nil && len(*d.stateKey) > maxName:
		return errNameTooLarge
	case size > maxEvent:
		return errEventTooLarge
	}
	if err := checkContent(d.content, 1); err != nil {
		return err
	}
	if d.kind == typeMember && d.stateKey != nil && !isUserID(*d.stateKey) {
		return badRequest(codeInvalidParam, "Expected UserID of the form '@localname:domain'")
	}
	if d.kind == typePowerLevels {
		_, err := parseLevels(d.content)
		return err
	}
	return nil
}

func isUserID(id string) bool { return strings.HasPrefix(id, "@") && strings.Contains(id, ":") }

// checkContent keeps canonical JSON: integers only, none that a double would round, and no deeper than Synapse goes.
func checkContent(value any, depth int) error {
	switch value := value.(type) {
	case map[string]any:
		if depth > maxNested {
			return badRequest(codeBadJSON, "Invalid event JSON")
		}
		for _, member := range value {
			if err := checkContent(member, depth+1); err != nil {
				return err
			}
		}
	case []any:
		if depth > maxNested {
			return badRequest(codeBadJSON, "Invalid event JSON")
		}
		for _, member := range value {
			if err := checkContent(member, depth+1); err != nil {
				return err
			}
		}
	case json.Number:
		n, err := strconv.ParseInt(value.String(), 10, 64)
		switch {
		case errors.Is(err, strconv.ErrRange), err == nil && (n > 1<<53-1 || n < -(1<<53-1)):
			return badRequest(codeBadJSON, "JSON integer out of range")
		case err != nil:
			return badRequest(codeBadJSON, "Bad JSON value: float")
		}
	}
	return nil
}

// nesting is how deep the objects and arrays of a JSON text go.
func nesting(text []byte) int {
	depth, deepest, inString := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// hasLoneSurrogate finds what JSON can write and no UTF-8 can hold: decoded, it would be another text.
func hasLoneSurrogate(text []byte) bool {
	wantsLow := false
	for i := 0; i < len(text); i++ {
		unit := uint64(0)
		escaped := text[i] == '\\' && i+1 < len(text)
		if escaped && text[i+1] == 'u' && i+6 <= len(text) {
			unit, _ = strconv.ParseUint(string(text[i+2:i+6]), 16, 16)
		}
		isLow := unit >= 0xdc00 && unit < 0xe000
		if isLow != wantsLow {
			return true
		}
		wantsLow = unit >= 0xd800 && unit < 0xdc00
		switch {
		case unit != 0:
			i += 5
		case escaped:
			i++
		}
	}
	return wantsLow
}
