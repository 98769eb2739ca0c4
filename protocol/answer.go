package protocol

import "strings"

// answers says, by the places of [Actions], what the host's answer must hold,
// and what becomes of it: rows, each of them a member by its name on the wire,
// the types it may have, "undefined" among them if it may be missing, and the
// page's name for it. The page's …Ms are seconds on the wire. A row without the
// last is all of the result, and no row means that there is none. What is in
// lists and objects is Matrix's, and not looked at.
var answers = [len(Actions)]string{
	"events list",
	"chunk list events, next_batch string/undefined nextBatch, prev_batch string/undefined prevBatch",
	"events list",
	"failures object/undefined failures",
	"access_token string accessToken, expires_in number/undefined expiresInMs, " +
		"matrix_server_name string matrixServerName, token_type string tokenType",
	// Its own answer is empty: this is what the updates hold.
	"uris list uris, username string username, password string password",
	9:  "success boolean/undefined",
	13: "m.upload.size number/undefined uploadSize",
	14: "content_uri string",
	15: "file object/string/list/number/boolean",
	16: "limited boolean limited, results list results",
	17: "rtc_transports list",
	18: "jwt string jwt",
}

// Answers are the rows of all actions, a line each. The shim checks by them.
func Answers() string { return strings.Join(answers[:], "\n") }
