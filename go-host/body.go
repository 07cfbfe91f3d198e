package literllm

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
)

// body is a request body: text of the core and blobs of the caller, joined.
//
// A picture of 20 MB is neither copied into the sandbox nor held twice: its base64 is made piece by piece while the
// body is being sent, and a retry begins again from the same bytes.
type body struct {
	segments []segment
	length   int64
}

type segment struct {
	text   string
	blob   []byte
	base64 bool
}

// joinBody joins the segments. The core's count becomes the content length; when the sum is another, a blob has
// another length than its part of the message says.
func joinBody(segments []BodySegment, blobs map[string][]byte, length uint64) (*body, *TransportFailure) {
	joined := &body{segments: make([]segment, 0, len(segments))}
	for _, piece := range segments {
		switch piece := piece.(type) {
		case *TextSegment:
			joined.segments = append(joined.segments, segment{text: piece.Text})
			joined.length += int64(len(piece.Text))
		case *BlobSegment:
			blob, ok := blobs[piece.ID]
			if !ok {
				return nil, notSent(FailureKindMissingBlob,
					fmt.Sprintf("no blob has the id %q that a message names; add it with WithBlob", piece.ID))
			}
			encoded := piece.Encoding == BlobEncodingBase64
			joined.segments = append(joined.segments, segment{blob: blob, base64: encoded})
			if encoded {
				joined.length += int64(base64.StdEncoding.EncodedLen(len(blob)))
			} else {
				joined.length += int64(len(blob))
			}
		}
	}
	if joined.length != int64(length) {
		return nil, notSent(FailureKindMissingBlob, fmt.Sprintf(
			"the joined body has %d bytes and should have %d: a blob has another length than its part of the message says",
			joined.length, length))
	}
	return joined, nil
}

// open begins to read the body from its start.
func (b *body) open() io.ReadCloser {
	if len(b.segments) == 1 && !b.segments[0].base64 && b.segments[0].blob == nil {
		return io.NopCloser(strings.NewReader(b.segments[0].text))
	}
	readers := make([]io.Reader, len(b.segments))
	for i, segment := range b.segments {
		switch {
		case segment.base64:
			readers[i] = &base64Reader{blob: segment.blob}
		case segment.blob != nil:
			readers[i] = bytes.NewReader(segment.blob)
		default:
			readers[i] = strings.NewReader(segment.text)
		}
	}
	return io.NopCloser(io.MultiReader(readers...))
}

// base64Reader encodes as far as it is read.
type base64Reader struct {
	blob []byte
	// Encoded and not read yet.
	ready []byte
	room  []byte
}

// base64PieceBytes of a blob become base64 at once: a multiple of 3, so that no piece but the last is padded.
const base64PieceBytes = 24 * 1024

func (r *base64Reader) Read(to []byte) (int, error) {
	if len(r.ready) == 0 {
		if len(r.blob) == 0 {
			return 0, io.EOF
		}
		piece := r.blob[:min(len(r.blob), base64PieceBytes)]
		r.blob = r.blob[len(piece):]
		r.room = base64.StdEncoding.AppendEncode(r.room[:0], piece)
		r.ready = r.room
	}
	n := copy(to, r.ready)
	r.ready = r.ready[n:]
	return n, nil
}
