package jsbridge

import (
	"math"

	"github.com/widget-futures/widget-futures/protocol"
	"github.com/widget-futures/widget-futures/protocol/future"
	"github.com/widget-futures/widget-futures/protocol/session"
)

// MaxInterned is how many recurring texts are remembered; later ones cross
// each time, so that nobody can make the page grow by new words.
const MaxInterned = 1024

// memory is the border's part of linear memory, and what crosses there.
type memory struct {
	inbox    []int32
	textIn   []byte
	outbox   []int32
	at       int // the next word of the outbox
	textOut  []byte
	fields   []protocol.Field
	interned []string
}

func newMemory() *memory {
	return &memory{
		inbox: make([]int32, 1024), textIn: make([]byte, 4096),
		outbox: make([]int32, 1024), textOut: make([]byte, 0, 4096),
		interned: append(make([]string, 0, MaxInterned), protocol.Names()...),
	}
}

// reserve makes the way in large enough and keeps what is there.
func (m *memory) reserve(words, bytes int) {
	if words > len(m.inbox) {
		m.inbox = append(m.inbox, make([]int32, max(words, 2*len(m.inbox))-len(m.inbox))...)
	}
	if bytes > len(m.textIn) {
		m.textIn = append(m.textIn, make([]byte, max(bytes, 2*len(m.textIn))-len(m.textIn))...)
	}
}

// intern remembers n bytes of the text buffer from at; 0 when it is full.
func (m *memory) intern(at, n int) int32 {
	if len(m.interned) >= MaxInterned {
		return 0
	}
	m.interned = append(m.interned, string(m.textIn[at:at+n]))
	return int32(len(m.interned) - 1)
}

// read decodes the first n words of the inbox. The shim is of the same version
// and the words are its own: an index out of range is a bug and panics.
func (m *memory) read(n int32) []protocol.Field {
	// A field takes a word at least. TinyGo calls its runtime to append.
	if int(n) > len(m.fields) {
		m.fields = make([]protocol.Field, max(int(n), 2*len(m.fields)))
	}
	count := 0
	for in := m.inbox[:n]; len(in) > 0; count++ {
		f := &m.fields[count]
		*f = protocol.Field{Path: protocol.Path(in[0] & 0xffff)}
		f.Kind = protocol.Kind(in[0] >> 16)
		in = in[1:]
		switch f.Kind {
		case protocol.Null, protocol.False, protocol.True:
		case protocol.Number:
			f.Num = math.Float64frombits(uint64(uint32(in[0])) | uint64(uint32(in[1]))<<32)
			in = in[2:]
		case protocol.Text:
			f.ID = in[0]
			in = in[1:]
			if f.ID != 0 {
				f.Str = m.interned[f.ID]
				break
			}
			f.Str = string(m.textIn[in[0] : in[0]+in[1]])
			in = in[2:]
		default:
			f.ID = in[0]
			in = in[1:]
		}
	}
	return m.fields[:count]
}

// write encodes the effects of an input and returns how many words they take.
func (m *memory) write(o *session.Out) int {
	m.at, m.textOut = 0, m.textOut[:0]
	for _, e := range o.Effects {
		fields := o.Fields(e)
		// An effect takes four words at most, and so does a field.
		if need := m.at + 4 + 4*len(fields); need > len(m.outbox) {
			m.outbox = append(m.outbox, make([]int32, max(need, 2*len(m.outbox))-len(m.outbox))...)
		}
		m.word(int32(e.Op) | int32(len(fields))<<8)
		m.word(e.ID)
		if e.Op == session.Wake {
			m.number(e.At)
		}
		for i := range fields {
			m.field(&fields[i])
		}
	}
	return m.at
}

// spelled is what the page calls a number of the core's; "" if it takes the number.
func spelled(f *protocol.Field) string {
	switch f.Path {
	case protocol.ErrorCode:
		return protocol.Codes()[int(f.Num)]
	case protocol.Status:
		return future.KeepStatuses()[int(f.Num)]
	}
	return ""
}

func (m *memory) field(f *protocol.Field) {
	kind, text := f.Kind, f.Str
	if kind == protocol.Number {
		if w := spelled(f); w != "" {
			kind, text = protocol.Text, w
		}
	}
	m.word(int32(f.Path) | int32(kind)<<16)
	switch kind {
	case protocol.Null, protocol.False, protocol.True:
	case protocol.Number:
		m.number(f.Num)
	case protocol.Text:
		m.word(f.ID)
		if f.ID == 0 {
			m.word(int32(len(m.textOut)))
			m.word(int32(len(text)))
			m.textOut = append(m.textOut, text...)
		}
	default:
		m.word(f.ID)
	}
}

func (m *memory) number(n float64) {
	bits := math.Float64bits(n)
	m.word(int32(uint32(bits)))
	m.word(int32(uint32(bits >> 32)))
}

func (m *memory) word(w int32) {
	m.outbox[m.at] = w
	m.at++
}
