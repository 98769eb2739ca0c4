package protocol

// Limits of what the border reads; larger values are forwarded unread.
const (
	MaxText = 65536 // of a string, in UTF-16 units
	MaxList = 10000 // of a list, in elements
)

// Kind says what a [Value] holds.
type Kind int32

const (
	// Absent is a member that is not there; it is never sent.
	Absent Kind = iota
	// Null is JSON null. Hosts mean "absent" by it; nothing optional is ever
	// sent as null (matrix-widget-api takes `delay: null` for a delay).
	Null
	False
	True
	// Number is a double in Num.
	Number
	// Text is a string in Str; ID is its interned number, 0 if it has none.
	Text
	// Kept is a non-empty string that was not read: it is forwarded by its
	// handle in ID.
	Kept
	// Opaque is an object or array, forwarded by its handle in ID.
	Opaque
	// List starts a list: ID elements follow as fields of the same path.
	List
	// Serial is one of our own request ids: the session's prefix and the
	// number in ID.
	Serial
)

// Value is one JSON value at the border of the core.
type Value struct {
	Kind Kind
	ID   int32
	Num  float64
	Str  string
}

// Field is a value and its place in a message.
type Field struct {
	Path Path
	Value
}

// Str makes a text value that has no interned number.
func Str(s string) Value { return Value{Kind: Text, Str: s} }

// Num makes a number value.
func Num(n float64) Value { return Value{Kind: Number, Num: n} }

// Bool makes a boolean value.
func Bool(b bool) Value {
	if b {
		return Value{Kind: True}
	}
	return Value{Kind: False}
}

// Set reports whether the value says anything: absent, null and "" are the
// same on this wire (rust hosts send null, the first draft's host sends "").
func (v Value) Set() bool {
	return v.Kind != Absent && v.Kind != Null && (v.Kind != Text || v.Str != "")
}

// At makes a field of the value.
func (v Value) At(p Path) Field { return Field{Path: p, Value: v} }

// Append appends v at p, unless it is absent.
func Append(dst []Field, p Path, v *Value) []Field {
	if v.Kind == Absent {
		return dst
	}
	return append(dst, Field{p, *v})
}

// AppendText appends s at p, unless it is empty.
func AppendText(dst []Field, p Path, s string) []Field {
	if s == "" {
		return dst
	}
	return append(dst, Field{p, Value{Kind: Text, Str: s}})
}

// AppendNum appends n at p, unless it is 0.
func AppendNum(dst []Field, p Path, n float64) []Field {
	if n == 0 {
		return dst
	}
	return append(dst, Field{p, Value{Kind: Number, Num: n}})
}

// AppendName appends a name at p.
func AppendName(dst []Field, p Path, n Name) []Field {
	return append(dst, Field{p, Value{Kind: Text, ID: int32(n), Str: names[n]}})
}

// Get returns the value at p, or an absent one. Messages have a dozen fields:
// a scan beats a map.
func Get(fields []Field, p Path) Value {
	for i := range fields {
		if fields[i].Path == p {
			return fields[i].Value
		}
	}
	return Value{}
}

// Texts returns the elements of the list at p. ok is false when there is no
// list or one of its elements is not text.
func Texts(fields []Field, p Path) (list []string, ok bool) {
	for i := range fields {
		if fields[i].Path != p {
			continue
		}
		n := int(fields[i].ID)
		if fields[i].Kind != List || n < 0 || n > len(fields)-i-1 {
			return nil, false
		}
		list = make([]string, 0, n)
		for _, f := range fields[i+1 : i+1+n] {
			if f.Path != p || f.Kind != Text {
				return nil, false
			}
			list = append(list, f.Str)
		}
		return list, true
	}
	return nil, false
}

// AppendTexts appends a list of texts at p.
func AppendTexts(dst []Field, p Path, list []string) []Field {
	dst = append(dst, Field{p, Value{Kind: List, ID: int32(len(list))}})
	for _, s := range list {
		dst = append(dst, Str(s).At(p))
	}
	return dst
}
