// Package wirejson turns Widget API messages between JSON text and fields, as
// the page's shim does between JavaScript values and fields. It is for tests,
// transcripts and tools on a real system; the wasm never links it.
package wirejson

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/widget-futures/widget-futures/protocol"
)

// Codec is one side's memory of a conversation: interned texts and the values
// that handles stand for. The zero value is of no use; see [New].
type Codec struct {
	// Watching reads what [protocol.Watched] and [protocol.Heard] name, as the
	// shim does between the effects Steady 1 and Steady 0.
	Watching bool

	prefix string
	ids    map[string]int32
	values []any // by handle; 0 is none
}

// New makes a codec for request ids that begin with prefix.
func New(prefix string) *Codec {
	c := &Codec{prefix: prefix, ids: map[string]int32{}, values: []any{nil}}
	for i, name := range protocol.Names() {
		if i > 0 {
			c.ids[name] = int32(i)
		}
	}
	return c
}

// node is a place of the path table; children are read if the value is an object.
type node struct {
	key      string
	path     protocol.Path
	mode     protocol.Mode
	children []*node
}

var roots = func() (roots [protocol.Sides]*node) {
	for i := range roots {
		roots[i] = &node{}
	}
	for i, info := range protocol.Paths() {
		if i == 0 || info.Mode == protocol.Written {
			continue
		}
		at := roots[info.Side]
		for _, key := range strings.Split(info.Name, "/") {
			var next *node
			for _, child := range at.children {
				if child.key == key {
					next = child
				}
			}
			if next == nil {
				next = &node{key: key}
				at.children = append(at.children, next)
			}
			at = next
		}
		at.path, at.mode = protocol.Path(i), info.Mode
	}
	return roots
}()

// Decode reads a JSON object as a record of the side.
func (c *Codec) Decode(side protocol.Side, text []byte) ([]protocol.Field, error) {
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, fmt.Errorf("decode message: %w", err)
	}
	if object == nil {
		return nil, errors.New("decode message: not an object")
	}
	return c.Read(side, object), nil
}

// Read reads an object as a record of the side.
func (c *Codec) Read(side protocol.Side, object map[string]any) []protocol.Field {
	return c.walk(nil, roots[side], object)
}

// Receive reads a message of the host, with the room events it tells of.
func (c *Codec) Receive(message map[string]any) []protocol.Field {
	fields := c.Read(protocol.Wire, message)
	data, _ := message["data"].(map[string]any)
	if !c.Watching || data == nil || message["response"] != nil {
		return fields
	}
	events, ok := data["state"].([]any)
	if !ok {
		events = []any{data}
	}
	for _, event := range events {
		if event, ok := event.(map[string]any); ok {
			fields = c.walk(fields, roots[protocol.Heard], event)
		}
	}
	return fields
}

func (c *Codec) walk(dst []protocol.Field, at *node, object map[string]any) []protocol.Field {
	for _, n := range at.children {
		value, ok := object[n.key]
		if !ok {
			continue
		}
		if n.path != protocol.NoPath {
			dst = c.field(dst, n, value)
		}
		if inner, ok := value.(map[string]any); ok && len(n.children) > 0 {
			dst = c.walk(dst, n, inner)
		}
	}
	return dst
}

func (c *Codec) field(dst []protocol.Field, n *node, value any) []protocol.Field {
	if n.mode == protocol.Seen {
		return append(dst, protocol.Bool(true).At(n.path))
	}
	switch v := value.(type) {
	case nil:
		return append(dst, protocol.Value{Kind: protocol.Null}.At(n.path))
	case bool:
		return append(dst, protocol.Bool(v).At(n.path))
	case float64:
		return append(dst, protocol.Num(v).At(n.path))
	case string:
		return append(dst, c.text(n.mode, v).At(n.path))
	case []any:
		if n.mode == protocol.Listed && len(v) <= protocol.MaxList {
			dst = append(dst, protocol.Value{Kind: protocol.List, ID: int32(len(v))}.At(n.path))
			for _, element := range v {
				text, ok := element.(string)
				if !ok {
					dst = append(dst, protocol.Value{Kind: protocol.Null}.At(n.path))
					continue
				}
				dst = append(dst, c.text(protocol.Single, text).At(n.path))
			}
			return dst
		}
	}
	return append(dst, protocol.Value{Kind: protocol.Opaque, ID: c.keep(value)}.At(n.path))
}

func (c *Codec) text(mode protocol.Mode, s string) protocol.Value {
	if s == "" {
		return protocol.Str("")
	}
	if mode == protocol.Numbered {
		if serial, ok := c.serial(s); ok {
			return protocol.Value{Kind: protocol.Serial, ID: serial}
		}
		mode = protocol.Forwarded
	}
	if mode == protocol.Watched && !c.Watching {
		mode = protocol.Forwarded
	}
	switch {
	case mode == protocol.Forwarded || mode == protocol.Branch || mode == protocol.Second || len(s) > protocol.MaxText:
		return protocol.Value{Kind: protocol.Kept, ID: c.keep(s)}
	case mode == protocol.Recurring:
		id, ok := c.ids[s]
		if !ok {
			id = int32(len(c.ids) + 1)
			c.ids[s] = id
		}
		return protocol.Value{Kind: protocol.Text, ID: id, Str: s}
	}
	return protocol.Str(s)
}

// serial reads a request id of our own.
func (c *Codec) serial(s string) (int32, bool) {
	digits, ok := strings.CutPrefix(s, c.prefix)
	if !ok || digits == "" || digits[0] < '1' || digits[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 32)
	return int32(n), err == nil
}

func (c *Codec) keep(v any) int32 {
	c.values = append(c.values, v)
	return int32(len(c.values) - 1)
}

// Build makes an object of fields.
func (c *Codec) Build(fields []protocol.Field) (map[string]any, error) {
	root, made := map[string]any{}, map[string]bool{}
	for i := 0; i < len(fields); i++ {
		f := fields[i]
		value, err := c.value(f.Value)
		if err != nil {
			return nil, err
		}
		if f.Kind == protocol.List {
			list := make([]any, 0, f.ID)
			for range f.ID {
				i++
				if i == len(fields) || fields[i].Path != f.Path {
					return nil, errors.New("a list is shorter than it says")
				}
				element, err := c.value(fields[i].Value)
				if err != nil {
					return nil, err
				}
				list = append(list, element)
			}
			value = list
		}
		at := root
		keys := strings.Split(protocol.Paths()[f.Path].Name, "/")
		for n, key := range keys[:len(keys)-1] {
			inner, ok := at[key].(map[string]any)
			if place := strings.Join(keys[:n+1], "/"); !made[place] {
				if made[place] = true; ok {
					inner = maps.Clone(inner) // a forwarded value is not ours to write to
				} else {
					inner = map[string]any{}
				}
				at[key] = inner
			}
			at = inner
		}
		at[keys[len(keys)-1]] = value
		maps.DeleteFunc(made, func(place string, _ bool) bool {
			return strings.HasPrefix(place+"/", protocol.Paths()[f.Path].Name+"/")
		})
	}
	return root, nil
}

func (c *Codec) value(v protocol.Value) (any, error) {
	switch v.Kind {
	case protocol.False, protocol.True:
		return v.Kind == protocol.True, nil
	case protocol.Number:
		return v.Num, nil
	case protocol.Text:
		return v.Str, nil
	case protocol.Serial:
		return c.prefix + strconv.Itoa(int(v.ID)), nil
	case protocol.List:
		return nil, nil
	case protocol.Opaque, protocol.Kept:
		if v.Kind == protocol.Opaque && v.ID == 0 {
			return map[string]any{}, nil
		}
		if v.ID <= 0 || int(v.ID) >= len(c.values) {
			return nil, fmt.Errorf("unknown handle %d", v.ID)
		}
		return c.values[v.ID], nil
	}
	return nil, fmt.Errorf("a value of kind %d is never written", v.Kind)
}
