package homeserver

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Drafts and servers refused the same thing in different ways. For each such thing there is a table of its forms, by the name that an
// Option gives it.

const (
	fieldErrcode  = "org.matrix.msc4140.errcode"
	fieldMaxDelay = "org.matrix.msc4140.max_delay"
)

// form is one way of refusing something.
type form struct {
	status  int
	code    string
	errcode string // in fieldErrcode, where the code is hidden
	limit   string // the member with the limit; a limit that is not in a member is told in the text or not at all
	text    string // %d in it: what was asked for, and the limit
}

func (f form) refuse(asked, limit int64) *matrixError {
	e := &matrixError{status: f.status, code: f.code, text: f.text, members: map[string]any{}}
	if strings.Contains(f.text, "%d") {
		e.text = fmt.Sprintf(f.text, asked, limit)
	}
	if f.errcode != "" {
		e.members[fieldErrcode] = f.errcode
	}
	if f.limit != "" {
		e.members[f.limit] = limit
	}
	return e
}

// checkName refuses a name that the table of an option does not have; no name at all stands for that of the Generation.
func checkName[N ~string, V any](option string, name N, table map[N]V) error {
	if _, known := table[name]; known || name == "" {
		return nil
	}
	return fmt.Errorf("%s must be one of %q", option, slices.Sorted(maps.Keys(table)))
}
