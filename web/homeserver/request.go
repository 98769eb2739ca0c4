package homeserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// request is one request with its path taken apart and, once admitted, who asks.
type request struct {
	params map[string]string
	query  url.Values
	body   []byte
	http   *http.Request
	device *device // nil without login
}

// readBody reads a body of at most maxBody bytes.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, errBodyTooLarge
	}
	if err != nil {
		return nil, errNotJSON
	}
	return body, nil
}

// accessToken looks where the spec allows it: the header, or the query, which is all an EventSource can use. An empty one is one.
func accessToken(r *request) (token string, given bool, err error) {
	headers, inQuery := r.http.Header.Values("Authorization"), r.query["access_token"]
	switch {
	case len(headers) == 0 && len(inQuery) == 0:
		return "", false, nil
	case len(headers) == 0:
		return inQuery[0], true, nil
	case len(inQuery) > 0:
		return "", true, noToken("Mixing Authorization headers and access_token query parameters.")
	case len(headers) > 1:
		return "", true, noToken("Too many Authorization headers.")
	}
	token, ok := strings.CutPrefix(headers[0], "Bearer ")
	if !ok || token == "" || strings.Contains(token, " ") {
		return "", true, noToken("Invalid Authorization header.")
	}
	return token, true, nil
}

// object decodes the body into v, a struct or map; the body must be one JSON object.
func (r *request) object(v any) error {
	if !utf8.Valid(r.body) || nesting(r.body) > maxDepth || !json.Valid(r.body) {
		return errNotJSON
	}
	if hasLoneSurrogate(r.body) {
		return badRequest(codeBadJSON, "A string has half of a surrogate pair.")
	}
	if !bytes.HasPrefix(bytes.TrimLeft(r.body, " \t\r\n"), []byte("{")) {
		return errNotObject
	}
	decoder := json.NewDecoder(bytes.NewReader(r.body))
	decoder.UseNumber()
	var mistyped *json.UnmarshalTypeError
	switch err := decoder.Decode(v); {
	case errors.As(err, &mistyped):
		return badRequest(codeBadJSON, fmt.Sprintf("'%s' has the wrong type", mistyped.Field))
	case err != nil:
		return errNotJSON
	}
	return nil
}

// maxTarget is the longest path and query; Twisted, on which Synapse stands, breaks the connection of a longer one.
const maxTarget = 16 << 10

var errTargetTooLong = &matrixError{status: http.StatusRequestURITooLong, code: codeTooLarge, text: "The path and its query are longer than 16384 bytes."}

// parseQuery is stricter than net/url's own, and than Synapse: a parameter that is not understood may be the one that delays the event.
func parseQuery(u *url.URL) (url.Values, error) {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, badRequest(codeInvalidParam, "The query is not well-formed: "+err.Error())
	}
	if text, _ := url.QueryUnescape(u.RawQuery); !utf8.ValidString(text) {
		return nil, badRequest(codeInvalidParam, "The query is not valid UTF-8")
	}
	return query, nil
}

// milliseconds reads a duration from the query as Synapse does, the first if there are several; present tells an absent one from 0. Numbers beyond int64 come back as
// its ends, which every maximum is below.
func (r *request) milliseconds(name string) (ms int64, present bool, err error) {
	if !r.query.Has(name) {
		return 0, false, nil
	}
	ms, err = strconv.ParseInt(r.query.Get(name), 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, true, badRequest(codeInvalidParam, "Query parameter "+name+" must be an integer")
	}
	if ms < 0 {
		return 0, true, badRequest(codeInvalidParam, "Query parameter "+name+" must be a positive integer.")
	}
	return ms, true, nil
}

// allowEveryOrigin sets what Synapse sends; a page can therefore not read Retry-After, only retry_after_ms.
func allowEveryOrigin(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "X-Requested-With, Content-Type, Authorization, Date")
	h.Set("Access-Control-Expose-Headers", "Synapse-Trace-Id, Server")
	h.Set("Cache-Control", "no-cache, no-store, must-revalidate")
}

func writeAnswer(w http.ResponseWriter, answer any) { writeJSON(w, http.StatusOK, answer) }

func writeError(w http.ResponseWriter, err error) {
	var failure *matrixError
	if !errors.As(err, &failure) {
		failure = &matrixError{status: http.StatusInternalServerError, code: codeUnknown, text: "Internal server error"}
	}
	body := map[string]any{"errcode": failure.code, "error": failure.text}
	maps.Copy(body, failure.members)
	if failure.retryAfter > 0 {
		body["retry_after_ms"] = roundUp(failure.retryAfter, time.Millisecond)
		w.Header().Set("Retry-After", strconv.FormatInt(roundUp(failure.retryAfter, time.Second), 10))
	}
	writeJSON(w, failure.status, body)
}

func roundUp(d, unit time.Duration) int64 { return int64(math.Ceil(float64(d) / float64(unit))) }

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(encode(body)) // a client that went away needs no answer
}

// encode writes JSON without HTML escapes and with sorted members, so that equal contents are equal bytes.
func encode(v any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic("homeserver: an answer of our own making is not JSON: " + err.Error())
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}
