package literllm

import (
	"fmt"

	"github.com/literllm/literllm/go-host/internal/document"
)

// kept is a snapshot as it leaves this process: a document of the core, and the component that can read it.
//
// What a snapshot means is known to the very core that wrote it, so another build refuses it rather than guess.
type kept struct {
	// Its sha256 in hexadecimal.
	component string
	// A client-snapshot or call-snapshot document.
	document string
	// Of a call: what the last step said and the reader had not taken yet.
	unread []Event
}

func (k kept) marshal() ([]byte, error) {
	text, err := document.Marshal(func(w *document.Writer) {
		w.Open('{')
		w.Key(`"component":`)
		w.Text(k.component)
		w.Key(`"snapshot":`)
		w.JSON(k.document)
		if len(k.unread) > 0 {
			w.Key(`"events":`)
			w.Open('[')
			for _, event := range k.unread {
				w.Item()
				event.write(w)
			}
			w.Close(']')
		}
		w.Close('}')
	})
	if err != nil {
		return nil, failed(ErrorKindInternal, "a snapshot cannot be written: "+err.Error())
	}
	return text, nil
}

// openKept reads a snapshot that component, and no other, has written.
func openKept(text []byte, component string) (*kept, error) {
	k := &kept{}
	err := document.Unmarshal(text, k.read)
	switch {
	case err != nil:
		return nil, failed(ErrorKindInvalidState, "this is no snapshot: "+err.Error())
	case k.component == "" || k.document == "":
		return nil, failed(ErrorKindInvalidState, "this is no snapshot: it names no component, or holds no document")
	case k.component != component:
		return nil, failed(ErrorKindInvalidState, fmt.Sprintf(
			"the snapshot is of the component with the sha256 %s, and this client runs %s: take it up with the release that "+
				"made it, or start without it", k.component, component))
	}
	return k, nil
}

func (k *kept) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		switch key := r.Key(); key {
		case "component":
			k.component = r.Text()
		case "snapshot":
			k.document = r.JSON()
		case "events":
			for more := r.Array(); more; more = r.More() {
				k.unread = append(k.unread, readEvent(r))
			}
		default:
			r.Unknown(key, "component", "snapshot", "events")
		}
	}
}
