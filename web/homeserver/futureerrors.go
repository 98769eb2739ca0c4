package homeserver

import "net/http"

// FutureErrors names one of the ways in which the futures of June 2024 refuse.
type FutureErrors string

const (
	// FutureErrorsByStatus is the draft of 2024-06-19: each refusal has a status of its own. Since it names no error codes, the codes are
	// those of the draft after it. Who tries too many wrong tokens in a row is locked out.
	FutureErrorsByStatus FutureErrors = "status"
	// FutureErrorsByCode is the draft of 2024-06-24: 400 with an error code, 410 as before. Instead of the lock, wrong tokens and good ones
	// are only limited in number (Options.ManagePerSecond, by address).
	FutureErrorsByCode FutureErrors = "errcode"
)

// futureForm has what the two drafts differ in.
type futureForm struct {
	noTimeoutInGroup, foreignGroup form
	locks                          bool // out an address that guesses
}

var futureForms = map[FutureErrors]futureForm{
	FutureErrorsByStatus: {
		noTimeoutInGroup: form{status: http.StatusConflict, code: "M_UNKNOWN_FUTURE_GROUP", text: textNoTimeoutInGroup},
		foreignGroup:     form{status: http.StatusMethodNotAllowed, code: codeForbidden, text: textForeignGroup},
		locks:            true,
	},
	FutureErrorsByCode: {
		noTimeoutInGroup: form{status: http.StatusBadRequest, code: "M_UNKNOWN_FUTURE_GROUP", text: textNoTimeoutInGroup},
		foreignGroup:     form{status: http.StatusBadRequest, code: codeForbidden, text: textForeignGroup},
	},
}

const (
	textNoTimeoutInGroup = "An action future needs a timeout future in its group (" + queryGroup + ")"
	textForeignGroup     = queryGroup + " is a group of another user"
)
