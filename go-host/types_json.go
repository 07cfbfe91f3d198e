// Code generated from wit/types.wit by `cargo xtask generate`. DO NOT EDIT.

package literllm

import "github.com/literllm/literllm/go-host/internal/document"

func (v *Header) fields(w *document.Writer) {
	w.Key(`"name":`)
	w.Text(v.Name)
	w.Key(`"value":`)
	w.Text(v.Value)
}

func (v *Header) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Header) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Header) member(r *document.Reader, key string) {
	switch key {
	case "name":
		v.Name = r.Text()
	case "value":
		v.Value = r.Text()
	default:
		r.Unknown(key, "name", "value")
	}
}

// MarshalJSON writes the document.
func (v Header) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Header) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *NamedJSON) fields(w *document.Writer) {
	w.Key(`"name":`)
	w.Text(v.Name)
	w.Key(`"value":`)
	w.Text(v.Value)
}

func (v *NamedJSON) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *NamedJSON) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *NamedJSON) member(r *document.Reader, key string) {
	switch key {
	case "name":
		v.Name = r.Text()
	case "value":
		v.Value = r.Text()
	default:
		r.Unknown(key, "name", "value")
	}
}

// MarshalJSON writes the document.
func (v NamedJSON) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *NamedJSON) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *ProviderData) fields(w *document.Writer) {
	w.Key(`"protocol":`)
	w.Text(v.Protocol)
	if v.Provider != nil {
		w.Key(`"provider":`)
		w.Text(*v.Provider)
	}
	w.Key(`"data":`)
	w.Text(v.Data)
}

func (v *ProviderData) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *ProviderData) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *ProviderData) member(r *document.Reader, key string) {
	switch key {
	case "protocol":
		v.Protocol = r.Text()
	case "provider":
		if !r.Null() {
			value := r.Text()
			v.Provider = &value
		}
	case "data":
		v.Data = r.Text()
	default:
		r.Unknown(key, "protocol", "provider", "data")
	}
}

// MarshalJSON writes the document.
func (v ProviderData) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ProviderData) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *CacheBreakpoint) fields(w *document.Writer) {
	if v.TTLSeconds != nil {
		w.Key(`"ttl_seconds":`)
		w.Unsigned(uint64(*v.TTLSeconds))
	}
}

func (v *CacheBreakpoint) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *CacheBreakpoint) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *CacheBreakpoint) member(r *document.Reader, key string) {
	switch key {
	case "ttl_seconds":
		if !r.Null() {
			value := uint32(r.Unsigned(32))
			v.TTLSeconds = &value
		}
	default:
		r.Unknown(key, "ttl_seconds")
	}
}

// MarshalJSON writes the document.
func (v CacheBreakpoint) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *CacheBreakpoint) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *TextPart) fields(w *document.Writer) {
	w.Key(`"text":`)
	w.Text(v.Text)
	if v.Cache != nil {
		w.Key(`"cache":`)
		v.Cache.write(w)
	}
	if v.ProviderData != nil {
		w.Key(`"provider_data":`)
		v.ProviderData.write(w)
	}
}

func (v *TextPart) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *TextPart) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "text":
		v.Text = r.Text()
	case "cache":
		if !r.Null() {
			v.Cache = new(CacheBreakpoint)
			v.Cache.read(r)
		}
	case "provider_data":
		if !r.Null() {
			v.ProviderData = new(ProviderData)
			v.ProviderData.read(r)
		}
	default:
		r.Unknown(key, "type", "text", "cache", "provider_data")
	}
}

// MarshalJSON writes the document.
func (v TextPart) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *TextPart) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *URLSource) fields(w *document.Writer) {
	w.Key(`"url":`)
	w.Text(v.URL)
}

func (v *URLSource) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *URLSource) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "url":
		v.URL = r.Text()
	default:
		r.Unknown(key, "type", "url")
	}
}

// MarshalJSON writes the document.
func (v URLSource) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *URLSource) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *BlobSource) fields(w *document.Writer) {
	w.Key(`"id":`)
	w.Text(v.ID)
	w.Key(`"length":`)
	w.Unsigned(v.Length)
}

func (v *BlobSource) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *BlobSource) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "id":
		v.ID = r.Text()
	case "length":
		v.Length = r.Unsigned(64)
	default:
		r.Unknown(key, "type", "id", "length")
	}
}

// MarshalJSON writes the document.
func (v BlobSource) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *BlobSource) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *ProviderFileSource) fields(w *document.Writer) {
	w.Key(`"id":`)
	w.Text(v.ID)
}

func (v *ProviderFileSource) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *ProviderFileSource) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "id":
		v.ID = r.Text()
	default:
		r.Unknown(key, "type", "id")
	}
}

// MarshalJSON writes the document.
func (v ProviderFileSource) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ProviderFileSource) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func readMediaSource(r *document.Reader) MediaSource {
	switch tag := r.Tag(); tag {
	case "url":
		v := new(URLSource)
		v.read(r)
		return v
	case "blob":
		v := new(BlobSource)
		v.read(r)
		return v
	case "provider_file":
		v := new(ProviderFileSource)
		v.read(r)
		return v
	default:
		r.NoCase(tag)
		return nil
	}
}

func (*URLSource) isMediaSource() {}

func (v *URLSource) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"url"`)
	v.fields(w)
	w.Close('}')
}

func (*BlobSource) isMediaSource() {}

func (v *BlobSource) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"blob"`)
	v.fields(w)
	w.Close('}')
}

func (*ProviderFileSource) isMediaSource() {}

func (v *ProviderFileSource) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"provider_file"`)
	v.fields(w)
	w.Close('}')
}

func (v *MediaPart) fields(w *document.Writer) {
	w.Key(`"source":`)
	if v.Source == nil {
		w.Missing()
	} else {
		v.Source.write(w)
	}
	if v.MediaType != nil {
		w.Key(`"media_type":`)
		w.Text(*v.MediaType)
	}
	if v.Name != nil {
		w.Key(`"name":`)
		w.Text(*v.Name)
	}
	if v.Detail != nil {
		w.Key(`"detail":`)
		w.Text(*v.Detail)
	}
	if v.Cache != nil {
		w.Key(`"cache":`)
		v.Cache.write(w)
	}
	if v.ProviderData != nil {
		w.Key(`"provider_data":`)
		v.ProviderData.write(w)
	}
}

func (v *MediaPart) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *MediaPart) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *MediaPart) member(r *document.Reader, key string) {
	switch key {
	case "source":
		v.Source = readMediaSource(r)
	case "media_type":
		if !r.Null() {
			value := r.Text()
			v.MediaType = &value
		}
	case "name":
		if !r.Null() {
			value := r.Text()
			v.Name = &value
		}
	case "detail":
		if !r.Null() {
			value := r.Text()
			v.Detail = &value
		}
	case "cache":
		if !r.Null() {
			v.Cache = new(CacheBreakpoint)
			v.Cache.read(r)
		}
	case "provider_data":
		if !r.Null() {
			v.ProviderData = new(ProviderData)
			v.ProviderData.read(r)
		}
	default:
		r.Unknown(key, "source", "media_type", "name", "detail", "cache", "provider_data")
	}
}

// MarshalJSON writes the document.
func (v MediaPart) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *MediaPart) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *ToolCallPart) fields(w *document.Writer) {
	w.Key(`"id":`)
	w.Text(v.ID)
	w.Key(`"name":`)
	w.Text(v.Name)
	w.Key(`"arguments":`)
	w.Text(v.Arguments)
	if v.Complete != nil {
		w.Key(`"complete":`)
		w.Bool(*v.Complete)
	}
	if v.ProviderData != nil {
		w.Key(`"provider_data":`)
		v.ProviderData.write(w)
	}
}

func (v *ToolCallPart) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *ToolCallPart) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "id":
		v.ID = r.Text()
	case "name":
		v.Name = r.Text()
	case "arguments":
		v.Arguments = r.Text()
	case "complete":
		if !r.Null() {
			value := r.Bool()
			v.Complete = &value
		}
	case "provider_data":
		if !r.Null() {
			v.ProviderData = new(ProviderData)
			v.ProviderData.read(r)
		}
	default:
		r.Unknown(key, "type", "id", "name", "arguments", "complete", "provider_data")
	}
}

// MarshalJSON writes the document.
func (v ToolCallPart) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ToolCallPart) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *TextContent) fields(w *document.Writer) {
	w.Key(`"text":`)
	w.Text(v.Text)
}

func (v *TextContent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *TextContent) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "text":
		v.Text = r.Text()
	default:
		r.Unknown(key, "type", "text")
	}
}

// MarshalJSON writes the document.
func (v TextContent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *TextContent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *JSONContent) fields(w *document.Writer) {
	w.Key(`"value":`)
	w.Text(v.Value)
}

func (v *JSONContent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *JSONContent) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "value":
		v.Value = r.Text()
	default:
		r.Unknown(key, "type", "value")
	}
}

// MarshalJSON writes the document.
func (v JSONContent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *JSONContent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func readToolResultContent(r *document.Reader) ToolResultContent {
	switch tag := r.Tag(); tag {
	case "text":
		v := new(TextContent)
		v.read(r)
		return v
	case "image":
		v := new(ImageContent)
		v.read(r)
		return v
	case "json":
		v := new(JSONContent)
		v.read(r)
		return v
	default:
		r.NoCase(tag)
		return nil
	}
}

func (*TextContent) isToolResultContent() {}

func (v *TextContent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"text"`)
	v.fields(w)
	w.Close('}')
}

func (*ImageContent) isToolResultContent() {}

func (v *ImageContent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"image"`)
	v.fields(w)
	w.Close('}')
}

func (v *ImageContent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			v.member(r, key)
		}
	}
}

// MarshalJSON writes the document.
func (v ImageContent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ImageContent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*JSONContent) isToolResultContent() {}

func (v *JSONContent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"json"`)
	v.fields(w)
	w.Close('}')
}

func (v *ToolResultPart) fields(w *document.Writer) {
	w.Key(`"tool_call_id":`)
	w.Text(v.ToolCallID)
	if v.Name != nil {
		w.Key(`"name":`)
		w.Text(*v.Name)
	}
	w.Key(`"content":`)
	w.Open('[')
	for i := range v.Content {
		w.Item()
		if v.Content[i] == nil {
			w.Missing()
		} else {
			v.Content[i].write(w)
		}
	}
	w.Close(']')
	if v.IsError != nil {
		w.Key(`"is_error":`)
		w.Bool(*v.IsError)
	}
	if v.Cache != nil {
		w.Key(`"cache":`)
		v.Cache.write(w)
	}
}

func (v *ToolResultPart) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *ToolResultPart) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "tool_call_id":
		v.ToolCallID = r.Text()
	case "name":
		if !r.Null() {
			value := r.Text()
			v.Name = &value
		}
	case "content":
		if r.AtText() {
			v.Content = []ToolResultContent{&TextContent{Text: r.Text()}}
			return
		}
		for more := r.Array(); more; more = r.More() {
			v.Content = append(v.Content, readToolResultContent(r))
		}
	case "is_error":
		if !r.Null() {
			value := r.Bool()
			v.IsError = &value
		}
	case "cache":
		if !r.Null() {
			v.Cache = new(CacheBreakpoint)
			v.Cache.read(r)
		}
	default:
		r.Unknown(key, "type", "tool_call_id", "name", "content", "is_error", "cache")
	}
}

// MarshalJSON writes the document.
func (v ToolResultPart) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ToolResultPart) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *ReasoningPart) fields(w *document.Writer) {
	w.Key(`"text":`)
	w.Text(v.Text)
	if v.ProviderData != nil {
		w.Key(`"provider_data":`)
		v.ProviderData.write(w)
	}
}

func (v *ReasoningPart) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *ReasoningPart) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "text":
		v.Text = r.Text()
	case "provider_data":
		if !r.Null() {
			v.ProviderData = new(ProviderData)
			v.ProviderData.read(r)
		}
	default:
		r.Unknown(key, "type", "text", "provider_data")
	}
}

// MarshalJSON writes the document.
func (v ReasoningPart) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ReasoningPart) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *RefusalPart) fields(w *document.Writer) {
	w.Key(`"text":`)
	w.Text(v.Text)
}

func (v *RefusalPart) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *RefusalPart) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "text":
		v.Text = r.Text()
	default:
		r.Unknown(key, "type", "text")
	}
}

// MarshalJSON writes the document.
func (v RefusalPart) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *RefusalPart) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *CitationPart) fields(w *document.Writer) {
	if v.URL != nil {
		w.Key(`"url":`)
		w.Text(*v.URL)
	}
	if v.Title != nil {
		w.Key(`"title":`)
		w.Text(*v.Title)
	}
	if v.StartChar != nil {
		w.Key(`"start_char":`)
		w.Unsigned(*v.StartChar)
	}
	if v.EndChar != nil {
		w.Key(`"end_char":`)
		w.Unsigned(*v.EndChar)
	}
	w.Key(`"data":`)
	w.Text(v.Data)
}

func (v *CitationPart) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *CitationPart) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "url":
		if !r.Null() {
			value := r.Text()
			v.URL = &value
		}
	case "title":
		if !r.Null() {
			value := r.Text()
			v.Title = &value
		}
	case "start_char":
		if !r.Null() {
			value := r.Unsigned(64)
			v.StartChar = &value
		}
	case "end_char":
		if !r.Null() {
			value := r.Unsigned(64)
			v.EndChar = &value
		}
	case "data":
		v.Data = r.Text()
	default:
		r.Unknown(key, "type", "url", "title", "start_char", "end_char", "data")
	}
}

// MarshalJSON writes the document.
func (v CitationPart) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *CitationPart) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *DocumentPart) fields(w *document.Writer) {
	if v.ID != nil {
		w.Key(`"id":`)
		w.Text(*v.ID)
	}
	if v.Title != nil {
		w.Key(`"title":`)
		w.Text(*v.Title)
	}
	w.Key(`"text":`)
	w.Text(v.Text)
	if v.Cache != nil {
		w.Key(`"cache":`)
		v.Cache.write(w)
	}
}

func (v *DocumentPart) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *DocumentPart) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "id":
		if !r.Null() {
			value := r.Text()
			v.ID = &value
		}
	case "title":
		if !r.Null() {
			value := r.Text()
			v.Title = &value
		}
	case "text":
		v.Text = r.Text()
	case "cache":
		if !r.Null() {
			v.Cache = new(CacheBreakpoint)
			v.Cache.read(r)
		}
	default:
		r.Unknown(key, "type", "id", "title", "text", "cache")
	}
}

// MarshalJSON writes the document.
func (v DocumentPart) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *DocumentPart) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *OpaquePart) fields(w *document.Writer) {
	w.Key(`"name":`)
	w.Text(v.Name)
	w.Key(`"provider_data":`)
	v.ProviderData.write(w)
}

func (v *OpaquePart) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *OpaquePart) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "name":
		v.Name = r.Text()
	case "provider_data":
		v.ProviderData.read(r)
	default:
		r.Unknown(key, "type", "name", "provider_data")
	}
}

// MarshalJSON writes the document.
func (v OpaquePart) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *OpaquePart) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func readPart(r *document.Reader) Part {
	switch tag := r.Tag(); tag {
	case "text":
		v := new(TextPart)
		v.read(r)
		return v
	case "image":
		v := new(ImagePart)
		v.read(r)
		return v
	case "audio":
		v := new(AudioPart)
		v.read(r)
		return v
	case "video":
		v := new(VideoPart)
		v.read(r)
		return v
	case "file":
		v := new(FilePart)
		v.read(r)
		return v
	case "tool_call":
		v := new(ToolCallPart)
		v.read(r)
		return v
	case "tool_result":
		v := new(ToolResultPart)
		v.read(r)
		return v
	case "reasoning":
		v := new(ReasoningPart)
		v.read(r)
		return v
	case "refusal":
		v := new(RefusalPart)
		v.read(r)
		return v
	case "citation":
		v := new(CitationPart)
		v.read(r)
		return v
	case "document":
		v := new(DocumentPart)
		v.read(r)
		return v
	case "opaque":
		v := new(OpaquePart)
		v.read(r)
		return v
	default:
		r.NoCase(tag)
		return nil
	}
}

func (*TextPart) isPart() {}

func (v *TextPart) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"text"`)
	v.fields(w)
	w.Close('}')
}

func (*ImagePart) isPart() {}

func (v *ImagePart) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"image"`)
	v.fields(w)
	w.Close('}')
}

func (v *ImagePart) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			v.member(r, key)
		}
	}
}

// MarshalJSON writes the document.
func (v ImagePart) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ImagePart) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*AudioPart) isPart() {}

func (v *AudioPart) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"audio"`)
	v.fields(w)
	w.Close('}')
}

func (v *AudioPart) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			v.member(r, key)
		}
	}
}

// MarshalJSON writes the document.
func (v AudioPart) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *AudioPart) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*VideoPart) isPart() {}

func (v *VideoPart) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"video"`)
	v.fields(w)
	w.Close('}')
}

func (v *VideoPart) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			v.member(r, key)
		}
	}
}

// MarshalJSON writes the document.
func (v VideoPart) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *VideoPart) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*FilePart) isPart() {}

func (v *FilePart) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"file"`)
	v.fields(w)
	w.Close('}')
}

func (v *FilePart) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			v.member(r, key)
		}
	}
}

// MarshalJSON writes the document.
func (v FilePart) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *FilePart) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*ToolCallPart) isPart() {}

func (v *ToolCallPart) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"tool_call"`)
	v.fields(w)
	w.Close('}')
}

func (*ToolResultPart) isPart() {}

func (v *ToolResultPart) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"tool_result"`)
	v.fields(w)
	w.Close('}')
}

func (*ReasoningPart) isPart() {}

func (v *ReasoningPart) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"reasoning"`)
	v.fields(w)
	w.Close('}')
}

func (*RefusalPart) isPart() {}

func (v *RefusalPart) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"refusal"`)
	v.fields(w)
	w.Close('}')
}

func (*CitationPart) isPart() {}

func (v *CitationPart) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"citation"`)
	v.fields(w)
	w.Close('}')
}

func (*DocumentPart) isPart() {}

func (v *DocumentPart) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"document"`)
	v.fields(w)
	w.Close('}')
}

func (*OpaquePart) isPart() {}

func (v *OpaquePart) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"opaque"`)
	v.fields(w)
	w.Close('}')
}

func (v *Message) fields(w *document.Writer) {
	w.Key(`"role":`)
	w.Text(string(v.Role))
	w.Key(`"content":`)
	w.Open('[')
	for i := range v.Content {
		w.Item()
		if v.Content[i] == nil {
			w.Missing()
		} else {
			v.Content[i].write(w)
		}
	}
	w.Close(']')
	if v.Name != nil {
		w.Key(`"name":`)
		w.Text(*v.Name)
	}
}

func (v *Message) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Message) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Message) member(r *document.Reader, key string) {
	switch key {
	case "role":
		v.Role = Role(r.Text())
	case "content":
		if r.AtText() {
			v.Content = []Part{&TextPart{Text: r.Text()}}
			return
		}
		for more := r.Array(); more; more = r.More() {
			v.Content = append(v.Content, readPart(r))
		}
	case "name":
		if !r.Null() {
			value := r.Text()
			v.Name = &value
		}
	default:
		r.Unknown(key, "role", "content", "name")
	}
}

// MarshalJSON writes the document.
func (v Message) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Message) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *FunctionTool) fields(w *document.Writer) {
	w.Key(`"name":`)
	w.Text(v.Name)
	if v.Description != nil {
		w.Key(`"description":`)
		w.Text(*v.Description)
	}
	if v.Parameters != nil {
		w.Key(`"parameters":`)
		w.Text(*v.Parameters)
	}
	if v.Strict != nil {
		w.Key(`"strict":`)
		w.Bool(*v.Strict)
	}
	if v.Cache != nil {
		w.Key(`"cache":`)
		v.Cache.write(w)
	}
}

func (v *FunctionTool) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *FunctionTool) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "name":
		v.Name = r.Text()
	case "description":
		if !r.Null() {
			value := r.Text()
			v.Description = &value
		}
	case "parameters":
		if !r.Null() {
			value := r.Text()
			v.Parameters = &value
		}
	case "strict":
		if !r.Null() {
			value := r.Bool()
			v.Strict = &value
		}
	case "cache":
		if !r.Null() {
			v.Cache = new(CacheBreakpoint)
			v.Cache.read(r)
		}
	default:
		r.Unknown(key, "type", "name", "description", "parameters", "strict", "cache")
	}
}

// MarshalJSON writes the document.
func (v FunctionTool) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *FunctionTool) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *ProviderTool) fields(w *document.Writer) {
	w.Key(`"name":`)
	w.Text(v.Name)
	w.Key(`"protocol":`)
	w.Text(v.Protocol)
	w.Key(`"definition":`)
	w.Text(v.Definition)
}

func (v *ProviderTool) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *ProviderTool) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "name":
		v.Name = r.Text()
	case "protocol":
		v.Protocol = r.Text()
	case "definition":
		v.Definition = r.Text()
	default:
		r.Unknown(key, "type", "name", "protocol", "definition")
	}
}

// MarshalJSON writes the document.
func (v ProviderTool) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ProviderTool) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func readTool(r *document.Reader) Tool {
	switch tag := r.Tag(); tag {
	case "function":
		v := new(FunctionTool)
		v.read(r)
		return v
	case "provider":
		v := new(ProviderTool)
		v.read(r)
		return v
	default:
		r.NoCase(tag)
		return nil
	}
}

func (*FunctionTool) isTool() {}

func (v *FunctionTool) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"function"`)
	v.fields(w)
	w.Close('}')
}

func (*ProviderTool) isTool() {}

func (v *ProviderTool) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"provider"`)
	v.fields(w)
	w.Close('}')
}

func (v *ChosenTool) fields(w *document.Writer) {
	w.Key(`"name":`)
	w.Text(v.Name)
}

func (v *ChosenTool) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *ChosenTool) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "name":
		v.Name = r.Text()
	default:
		r.Unknown(key, "type", "name")
	}
}

// MarshalJSON writes the document.
func (v ChosenTool) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ChosenTool) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *AllowedTools) fields(w *document.Writer) {
	w.Key(`"names":`)
	w.Open('[')
	for i := range v.Names {
		w.Item()
		w.Text(v.Names[i])
	}
	w.Close(']')
	if v.Required != nil {
		w.Key(`"required":`)
		w.Bool(*v.Required)
	}
}

func (v *AllowedTools) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *AllowedTools) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "names":
		for more := r.Array(); more; more = r.More() {
			v.Names = append(v.Names, r.Text())
		}
	case "required":
		if !r.Null() {
			value := r.Bool()
			v.Required = &value
		}
	default:
		r.Unknown(key, "type", "names", "required")
	}
}

// MarshalJSON writes the document.
func (v AllowedTools) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *AllowedTools) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func readToolChoice(r *document.Reader) ToolChoice {
	switch tag := r.Tag(); tag {
	case "auto":
		v := new(AutoChoice)
		v.read(r)
		return v
	case "none":
		v := new(NoneChoice)
		v.read(r)
		return v
	case "required":
		v := new(RequiredChoice)
		v.read(r)
		return v
	case "tool":
		v := new(ChosenTool)
		v.read(r)
		return v
	case "allowed":
		v := new(AllowedTools)
		v.read(r)
		return v
	default:
		r.NoCase(tag)
		return nil
	}
}

func (*AutoChoice) isToolChoice() {}

func (v *AutoChoice) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"auto"`)
	w.Close('}')
}

func (v *AutoChoice) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			r.Unknown(key, "type")
		}
	}
}

// MarshalJSON writes the document.
func (v AutoChoice) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *AutoChoice) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*NoneChoice) isToolChoice() {}

func (v *NoneChoice) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"none"`)
	w.Close('}')
}

func (v *NoneChoice) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			r.Unknown(key, "type")
		}
	}
}

// MarshalJSON writes the document.
func (v NoneChoice) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *NoneChoice) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*RequiredChoice) isToolChoice() {}

func (v *RequiredChoice) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"required"`)
	w.Close('}')
}

func (v *RequiredChoice) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			r.Unknown(key, "type")
		}
	}
}

// MarshalJSON writes the document.
func (v RequiredChoice) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *RequiredChoice) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*ChosenTool) isToolChoice() {}

func (v *ChosenTool) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"tool"`)
	v.fields(w)
	w.Close('}')
}

func (*AllowedTools) isToolChoice() {}

func (v *AllowedTools) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"allowed"`)
	v.fields(w)
	w.Close('}')
}

func (v *JSONSchemaOutput) fields(w *document.Writer) {
	if v.Name != nil {
		w.Key(`"name":`)
		w.Text(*v.Name)
	}
	if v.Description != nil {
		w.Key(`"description":`)
		w.Text(*v.Description)
	}
	w.Key(`"schema":`)
	w.Text(v.Schema)
	if v.Strict != nil {
		w.Key(`"strict":`)
		w.Bool(*v.Strict)
	}
}

func (v *JSONSchemaOutput) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *JSONSchemaOutput) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "name":
		if !r.Null() {
			value := r.Text()
			v.Name = &value
		}
	case "description":
		if !r.Null() {
			value := r.Text()
			v.Description = &value
		}
	case "schema":
		v.Schema = r.Text()
	case "strict":
		if !r.Null() {
			value := r.Bool()
			v.Strict = &value
		}
	default:
		r.Unknown(key, "type", "name", "description", "schema", "strict")
	}
}

// MarshalJSON writes the document.
func (v JSONSchemaOutput) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *JSONSchemaOutput) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *GrammarOutput) fields(w *document.Writer) {
	w.Key(`"syntax":`)
	w.Text(v.Syntax)
	w.Key(`"definition":`)
	w.Text(v.Definition)
}

func (v *GrammarOutput) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *GrammarOutput) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "syntax":
		v.Syntax = r.Text()
	case "definition":
		v.Definition = r.Text()
	default:
		r.Unknown(key, "type", "syntax", "definition")
	}
}

// MarshalJSON writes the document.
func (v GrammarOutput) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *GrammarOutput) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func readOutput(r *document.Reader) Output {
	switch tag := r.Tag(); tag {
	case "text":
		v := new(TextOutput)
		v.read(r)
		return v
	case "json_object":
		v := new(JSONObjectOutput)
		v.read(r)
		return v
	case "json_schema":
		v := new(JSONSchemaOutput)
		v.read(r)
		return v
	case "grammar":
		v := new(GrammarOutput)
		v.read(r)
		return v
	default:
		r.NoCase(tag)
		return nil
	}
}

func (*TextOutput) isOutput() {}

func (v *TextOutput) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"text"`)
	w.Close('}')
}

func (v *TextOutput) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			r.Unknown(key, "type")
		}
	}
}

// MarshalJSON writes the document.
func (v TextOutput) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *TextOutput) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*JSONObjectOutput) isOutput() {}

func (v *JSONObjectOutput) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"json_object"`)
	w.Close('}')
}

func (v *JSONObjectOutput) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			r.Unknown(key, "type")
		}
	}
}

// MarshalJSON writes the document.
func (v JSONObjectOutput) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *JSONObjectOutput) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*JSONSchemaOutput) isOutput() {}

func (v *JSONSchemaOutput) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"json_schema"`)
	v.fields(w)
	w.Close('}')
}

func (*GrammarOutput) isOutput() {}

func (v *GrammarOutput) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"grammar"`)
	v.fields(w)
	w.Close('}')
}

func (v *ReasoningOptions) fields(w *document.Writer) {
	if v.Effort != nil {
		w.Key(`"effort":`)
		w.Text(string(*v.Effort))
	}
	if v.BudgetTokens != nil {
		w.Key(`"budget_tokens":`)
		w.Unsigned(*v.BudgetTokens)
	}
	if v.Summary != nil {
		w.Key(`"summary":`)
		w.Text(*v.Summary)
	}
	if v.IncludeEncrypted != nil {
		w.Key(`"include_encrypted":`)
		w.Bool(*v.IncludeEncrypted)
	}
}

func (v *ReasoningOptions) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *ReasoningOptions) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *ReasoningOptions) member(r *document.Reader, key string) {
	switch key {
	case "effort":
		if !r.Null() {
			value := ReasoningEffort(r.Text())
			v.Effort = &value
		}
	case "budget_tokens":
		if !r.Null() {
			value := r.Unsigned(64)
			v.BudgetTokens = &value
		}
	case "summary":
		if !r.Null() {
			value := r.Text()
			v.Summary = &value
		}
	case "include_encrypted":
		if !r.Null() {
			value := r.Bool()
			v.IncludeEncrypted = &value
		}
	default:
		r.Unknown(key, "effort", "budget_tokens", "summary", "include_encrypted")
	}
}

// MarshalJSON writes the document.
func (v ReasoningOptions) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ReasoningOptions) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *PromptCache) fields(w *document.Writer) {
	if v.Key != nil {
		w.Key(`"key":`)
		w.Text(*v.Key)
	}
	if v.Retention != nil {
		w.Key(`"retention":`)
		w.Text(*v.Retention)
	}
}

func (v *PromptCache) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *PromptCache) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *PromptCache) member(r *document.Reader, key string) {
	switch key {
	case "key":
		if !r.Null() {
			value := r.Text()
			v.Key = &value
		}
	case "retention":
		if !r.Null() {
			value := r.Text()
			v.Retention = &value
		}
	default:
		r.Unknown(key, "key", "retention")
	}
}

// MarshalJSON writes the document.
func (v PromptCache) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *PromptCache) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *MetadataEntry) fields(w *document.Writer) {
	w.Key(`"key":`)
	w.Text(v.Key)
	w.Key(`"value":`)
	w.Text(v.Value)
}

func (v *MetadataEntry) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *MetadataEntry) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *MetadataEntry) member(r *document.Reader, key string) {
	switch key {
	case "key":
		v.Key = r.Text()
	case "value":
		v.Value = r.Text()
	default:
		r.Unknown(key, "key", "value")
	}
}

// MarshalJSON writes the document.
func (v MetadataEntry) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *MetadataEntry) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *LogitBiasEntry) fields(w *document.Writer) {
	w.Key(`"token":`)
	w.Unsigned(uint64(v.Token))
	w.Key(`"bias":`)
	w.Float(v.Bias)
}

func (v *LogitBiasEntry) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *LogitBiasEntry) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *LogitBiasEntry) member(r *document.Reader, key string) {
	switch key {
	case "token":
		v.Token = uint32(r.Unsigned(32))
	case "bias":
		v.Bias = r.Float()
	default:
		r.Unknown(key, "token", "bias")
	}
}

// MarshalJSON writes the document.
func (v LogitBiasEntry) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *LogitBiasEntry) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *ExtraBody) fields(w *document.Writer) {
	w.Key(`"protocol":`)
	w.Text(v.Protocol)
	w.Key(`"body":`)
	w.Text(v.Body)
}

func (v *ExtraBody) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *ExtraBody) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *ExtraBody) member(r *document.Reader, key string) {
	switch key {
	case "protocol":
		v.Protocol = r.Text()
	case "body":
		v.Body = r.Text()
	default:
		r.Unknown(key, "protocol", "body")
	}
}

// MarshalJSON writes the document.
func (v ExtraBody) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ExtraBody) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *Request) fields(w *document.Writer) {
	w.Key(`"model":`)
	w.Text(v.Model)
	w.Key(`"messages":`)
	w.Open('[')
	for i := range v.Messages {
		w.Item()
		v.Messages[i].write(w)
	}
	w.Close(']')
	if v.Stream != nil {
		w.Key(`"stream":`)
		w.Bool(*v.Stream)
	}
	if v.MaxOutputTokens != nil {
		w.Key(`"max_output_tokens":`)
		w.Unsigned(*v.MaxOutputTokens)
	}
	if v.Temperature != nil {
		w.Key(`"temperature":`)
		w.Float(*v.Temperature)
	}
	if v.TopP != nil {
		w.Key(`"top_p":`)
		w.Float(*v.TopP)
	}
	if v.TopK != nil {
		w.Key(`"top_k":`)
		w.Unsigned(uint64(*v.TopK))
	}
	if v.MinP != nil {
		w.Key(`"min_p":`)
		w.Float(*v.MinP)
	}
	if v.FrequencyPenalty != nil {
		w.Key(`"frequency_penalty":`)
		w.Float(*v.FrequencyPenalty)
	}
	if v.PresencePenalty != nil {
		w.Key(`"presence_penalty":`)
		w.Float(*v.PresencePenalty)
	}
	if v.Seed != nil {
		w.Key(`"seed":`)
		w.Signed(*v.Seed)
	}
	w.Key(`"stop":`)
	w.Open('[')
	for i := range v.Stop {
		w.Item()
		w.Text(v.Stop[i])
	}
	w.Close(']')
	w.Key(`"logit_bias":`)
	w.Open('[')
	for i := range v.LogitBias {
		w.Item()
		v.LogitBias[i].write(w)
	}
	w.Close(']')
	if v.Logprobs != nil {
		w.Key(`"logprobs":`)
		w.Bool(*v.Logprobs)
	}
	if v.TopLogprobs != nil {
		w.Key(`"top_logprobs":`)
		w.Unsigned(uint64(*v.TopLogprobs))
	}
	if v.N != nil {
		w.Key(`"n":`)
		w.Unsigned(uint64(*v.N))
	}
	w.Key(`"tools":`)
	w.Open('[')
	for i := range v.Tools {
		w.Item()
		if v.Tools[i] == nil {
			w.Missing()
		} else {
			v.Tools[i].write(w)
		}
	}
	w.Close(']')
	if v.ToolChoice != nil {
		w.Key(`"tool_choice":`)
		v.ToolChoice.write(w)
	}
	if v.ParallelToolCalls != nil {
		w.Key(`"parallel_tool_calls":`)
		w.Bool(*v.ParallelToolCalls)
	}
	if v.Output != nil {
		w.Key(`"output":`)
		v.Output.write(w)
	}
	w.Key(`"modalities":`)
	w.Open('[')
	for i := range v.Modalities {
		w.Item()
		w.Text(v.Modalities[i])
	}
	w.Close(']')
	if v.Reasoning != nil {
		w.Key(`"reasoning":`)
		v.Reasoning.write(w)
	}
	if v.PromptCache != nil {
		w.Key(`"prompt_cache":`)
		v.PromptCache.write(w)
	}
	if v.PreviousResponseID != nil {
		w.Key(`"previous_response_id":`)
		w.Text(*v.PreviousResponseID)
	}
	if v.ConversationID != nil {
		w.Key(`"conversation_id":`)
		w.Text(*v.ConversationID)
	}
	if v.Store != nil {
		w.Key(`"store":`)
		w.Bool(*v.Store)
	}
	if v.Background != nil {
		w.Key(`"background":`)
		w.Bool(*v.Background)
	}
	if v.User != nil {
		w.Key(`"user":`)
		w.Text(*v.User)
	}
	if v.SafetyIdentifier != nil {
		w.Key(`"safety_identifier":`)
		w.Text(*v.SafetyIdentifier)
	}
	w.Key(`"metadata":`)
	w.Open('[')
	for i := range v.Metadata {
		w.Item()
		v.Metadata[i].write(w)
	}
	w.Close(']')
	if v.ServiceTier != nil {
		w.Key(`"service_tier":`)
		w.Text(*v.ServiceTier)
	}
	w.Key(`"extra":`)
	w.Open('[')
	for i := range v.Extra {
		w.Item()
		v.Extra[i].write(w)
	}
	w.Close(']')
	w.Key(`"headers":`)
	w.Open('[')
	for i := range v.Headers {
		w.Item()
		v.Headers[i].write(w)
	}
	w.Close(']')
}

func (v *Request) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Request) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Request) member(r *document.Reader, key string) {
	switch key {
	case "model":
		v.Model = r.Text()
	case "messages":
		for more := r.Array(); more; more = r.More() {
			v.Messages = append(v.Messages, Message{})
			v.Messages[len(v.Messages)-1].read(r)
		}
	case "stream":
		if !r.Null() {
			value := r.Bool()
			v.Stream = &value
		}
	case "max_output_tokens":
		if !r.Null() {
			value := r.Unsigned(64)
			v.MaxOutputTokens = &value
		}
	case "temperature":
		if !r.Null() {
			value := r.Float()
			v.Temperature = &value
		}
	case "top_p":
		if !r.Null() {
			value := r.Float()
			v.TopP = &value
		}
	case "top_k":
		if !r.Null() {
			value := uint32(r.Unsigned(32))
			v.TopK = &value
		}
	case "min_p":
		if !r.Null() {
			value := r.Float()
			v.MinP = &value
		}
	case "frequency_penalty":
		if !r.Null() {
			value := r.Float()
			v.FrequencyPenalty = &value
		}
	case "presence_penalty":
		if !r.Null() {
			value := r.Float()
			v.PresencePenalty = &value
		}
	case "seed":
		if !r.Null() {
			value := r.Signed(64)
			v.Seed = &value
		}
	case "stop":
		for more := r.Array(); more; more = r.More() {
			v.Stop = append(v.Stop, r.Text())
		}
	case "logit_bias":
		for more := r.Array(); more; more = r.More() {
			v.LogitBias = append(v.LogitBias, LogitBiasEntry{})
			v.LogitBias[len(v.LogitBias)-1].read(r)
		}
	case "logprobs":
		if !r.Null() {
			value := r.Bool()
			v.Logprobs = &value
		}
	case "top_logprobs":
		if !r.Null() {
			value := uint32(r.Unsigned(32))
			v.TopLogprobs = &value
		}
	case "n":
		if !r.Null() {
			value := uint32(r.Unsigned(32))
			v.N = &value
		}
	case "tools":
		for more := r.Array(); more; more = r.More() {
			v.Tools = append(v.Tools, readTool(r))
		}
	case "tool_choice":
		if !r.Null() {
			v.ToolChoice = readToolChoice(r)
		}
	case "parallel_tool_calls":
		if !r.Null() {
			value := r.Bool()
			v.ParallelToolCalls = &value
		}
	case "output":
		if !r.Null() {
			v.Output = readOutput(r)
		}
	case "modalities":
		for more := r.Array(); more; more = r.More() {
			v.Modalities = append(v.Modalities, r.Text())
		}
	case "reasoning":
		if !r.Null() {
			v.Reasoning = new(ReasoningOptions)
			v.Reasoning.read(r)
		}
	case "prompt_cache":
		if !r.Null() {
			v.PromptCache = new(PromptCache)
			v.PromptCache.read(r)
		}
	case "previous_response_id":
		if !r.Null() {
			value := r.Text()
			v.PreviousResponseID = &value
		}
	case "conversation_id":
		if !r.Null() {
			value := r.Text()
			v.ConversationID = &value
		}
	case "store":
		if !r.Null() {
			value := r.Bool()
			v.Store = &value
		}
	case "background":
		if !r.Null() {
			value := r.Bool()
			v.Background = &value
		}
	case "user":
		if !r.Null() {
			value := r.Text()
			v.User = &value
		}
	case "safety_identifier":
		if !r.Null() {
			value := r.Text()
			v.SafetyIdentifier = &value
		}
	case "metadata":
		for more := r.Array(); more; more = r.More() {
			v.Metadata = append(v.Metadata, MetadataEntry{})
			v.Metadata[len(v.Metadata)-1].read(r)
		}
	case "service_tier":
		if !r.Null() {
			value := r.Text()
			v.ServiceTier = &value
		}
	case "extra":
		for more := r.Array(); more; more = r.More() {
			v.Extra = append(v.Extra, ExtraBody{})
			v.Extra[len(v.Extra)-1].read(r)
		}
	case "headers":
		for more := r.Array(); more; more = r.More() {
			v.Headers = append(v.Headers, Header{})
			v.Headers[len(v.Headers)-1].read(r)
		}
	default:
		r.Unknown(key, "model", "messages", "stream", "max_output_tokens", "temperature", "top_p", "top_k", "min_p", "frequency_penalty", "presence_penalty", "seed", "stop", "logit_bias", "logprobs", "top_logprobs", "n", "tools", "tool_choice", "parallel_tool_calls", "output", "modalities", "reasoning", "prompt_cache", "previous_response_id", "conversation_id", "store", "background", "user", "safety_identifier", "metadata", "service_tier", "extra", "headers")
	}
}

// MarshalJSON writes the document.
func (v Request) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Request) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *Finish) fields(w *document.Writer) {
	w.Key(`"unified":`)
	w.Text(string(v.Unified))
	if v.Raw != nil {
		w.Key(`"raw":`)
		w.Text(*v.Raw)
	}
}

func (v *Finish) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Finish) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Finish) member(r *document.Reader, key string) {
	switch key {
	case "unified":
		v.Unified = FinishReason(r.Text())
	case "raw":
		if !r.Null() {
			value := r.Text()
			v.Raw = &value
		}
	default:
		r.Unknown(key, "unified", "raw")
	}
}

// MarshalJSON writes the document.
func (v Finish) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Finish) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *Usage) fields(w *document.Writer) {
	if v.InputTokens != nil {
		w.Key(`"input_tokens":`)
		w.Unsigned(*v.InputTokens)
	}
	if v.InputUncachedTokens != nil {
		w.Key(`"input_uncached_tokens":`)
		w.Unsigned(*v.InputUncachedTokens)
	}
	if v.InputCacheReadTokens != nil {
		w.Key(`"input_cache_read_tokens":`)
		w.Unsigned(*v.InputCacheReadTokens)
	}
	if v.InputCacheWriteTokens != nil {
		w.Key(`"input_cache_write_tokens":`)
		w.Unsigned(*v.InputCacheWriteTokens)
	}
	if v.OutputTokens != nil {
		w.Key(`"output_tokens":`)
		w.Unsigned(*v.OutputTokens)
	}
	if v.OutputTextTokens != nil {
		w.Key(`"output_text_tokens":`)
		w.Unsigned(*v.OutputTextTokens)
	}
	if v.OutputReasoningTokens != nil {
		w.Key(`"output_reasoning_tokens":`)
		w.Unsigned(*v.OutputReasoningTokens)
	}
	if v.Raw != nil {
		w.Key(`"raw":`)
		w.Text(*v.Raw)
	}
}

func (v *Usage) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Usage) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Usage) member(r *document.Reader, key string) {
	switch key {
	case "input_tokens":
		if !r.Null() {
			value := r.Unsigned(64)
			v.InputTokens = &value
		}
	case "input_uncached_tokens":
		if !r.Null() {
			value := r.Unsigned(64)
			v.InputUncachedTokens = &value
		}
	case "input_cache_read_tokens":
		if !r.Null() {
			value := r.Unsigned(64)
			v.InputCacheReadTokens = &value
		}
	case "input_cache_write_tokens":
		if !r.Null() {
			value := r.Unsigned(64)
			v.InputCacheWriteTokens = &value
		}
	case "output_tokens":
		if !r.Null() {
			value := r.Unsigned(64)
			v.OutputTokens = &value
		}
	case "output_text_tokens":
		if !r.Null() {
			value := r.Unsigned(64)
			v.OutputTextTokens = &value
		}
	case "output_reasoning_tokens":
		if !r.Null() {
			value := r.Unsigned(64)
			v.OutputReasoningTokens = &value
		}
	case "raw":
		if !r.Null() {
			value := r.Text()
			v.Raw = &value
		}
	default:
		r.Unknown(key, "input_tokens", "input_uncached_tokens", "input_cache_read_tokens", "input_cache_write_tokens", "output_tokens", "output_text_tokens", "output_reasoning_tokens", "raw")
	}
}

// MarshalJSON writes the document.
func (v Usage) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Usage) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *TokenCandidate) fields(w *document.Writer) {
	w.Key(`"token":`)
	w.Text(v.Token)
	w.Key(`"logprob":`)
	w.Text(v.Logprob)
	w.Key(`"bytes":`)
	w.Bytes(v.Bytes)
}

func (v *TokenCandidate) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *TokenCandidate) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *TokenCandidate) member(r *document.Reader, key string) {
	switch key {
	case "token":
		v.Token = r.Text()
	case "logprob":
		v.Logprob = r.Text()
	case "bytes":
		v.Bytes = r.Bytes()
	default:
		r.Unknown(key, "token", "logprob", "bytes")
	}
}

// MarshalJSON writes the document.
func (v TokenCandidate) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *TokenCandidate) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *TokenLogprob) fields(w *document.Writer) {
	w.Key(`"chosen":`)
	v.Chosen.write(w)
	w.Key(`"top":`)
	w.Open('[')
	for i := range v.Top {
		w.Item()
		v.Top[i].write(w)
	}
	w.Close(']')
}

func (v *TokenLogprob) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *TokenLogprob) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *TokenLogprob) member(r *document.Reader, key string) {
	switch key {
	case "chosen":
		v.Chosen.read(r)
	case "top":
		for more := r.Array(); more; more = r.More() {
			v.Top = append(v.Top, TokenCandidate{})
			v.Top[len(v.Top)-1].read(r)
		}
	default:
		r.Unknown(key, "chosen", "top")
	}
}

// MarshalJSON writes the document.
func (v TokenLogprob) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *TokenLogprob) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *Warning) fields(w *document.Writer) {
	w.Key(`"kind":`)
	w.Text(string(v.Kind))
	w.Key(`"field":`)
	w.Text(v.Field)
	w.Key(`"message":`)
	w.Text(v.Message)
}

func (v *Warning) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Warning) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Warning) member(r *document.Reader, key string) {
	switch key {
	case "kind":
		v.Kind = WarningKind(r.Text())
	case "field":
		v.Field = r.Text()
	case "message":
		v.Message = r.Text()
	default:
		r.Unknown(key, "kind", "field", "message")
	}
}

// MarshalJSON writes the document.
func (v Warning) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Warning) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *Choice) fields(w *document.Writer) {
	w.Key(`"index":`)
	w.Unsigned(uint64(v.Index))
	w.Key(`"content":`)
	w.Open('[')
	for i := range v.Content {
		w.Item()
		if v.Content[i] == nil {
			w.Missing()
		} else {
			v.Content[i].write(w)
		}
	}
	w.Close(']')
	if v.Finish != nil {
		w.Key(`"finish":`)
		v.Finish.write(w)
	}
	w.Key(`"logprobs":`)
	w.Open('[')
	for i := range v.Logprobs {
		w.Item()
		v.Logprobs[i].write(w)
	}
	w.Close(']')
	w.Key(`"extra":`)
	w.Open('[')
	for i := range v.Extra {
		w.Item()
		v.Extra[i].write(w)
	}
	w.Close(']')
}

func (v *Choice) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Choice) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Choice) member(r *document.Reader, key string) {
	switch key {
	case "index":
		v.Index = uint32(r.Unsigned(32))
	case "content":
		for more := r.Array(); more; more = r.More() {
			v.Content = append(v.Content, readPart(r))
		}
	case "finish":
		if !r.Null() {
			v.Finish = new(Finish)
			v.Finish.read(r)
		}
	case "logprobs":
		for more := r.Array(); more; more = r.More() {
			v.Logprobs = append(v.Logprobs, TokenLogprob{})
			v.Logprobs[len(v.Logprobs)-1].read(r)
		}
	case "extra":
		for more := r.Array(); more; more = r.More() {
			v.Extra = append(v.Extra, NamedJSON{})
			v.Extra[len(v.Extra)-1].read(r)
		}
	default:
		r.Unknown(key, "index", "content", "finish", "logprobs", "extra")
	}
}

// MarshalJSON writes the document.
func (v Choice) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Choice) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *Response) fields(w *document.Writer) {
	if v.ID != nil {
		w.Key(`"id":`)
		w.Text(*v.ID)
	}
	w.Key(`"provider":`)
	w.Text(v.Provider)
	if v.Model != nil {
		w.Key(`"model":`)
		w.Text(*v.Model)
	}
	if v.CreatedMs != nil {
		w.Key(`"created_ms":`)
		w.Unsigned(*v.CreatedMs)
	}
	if v.RequestID != nil {
		w.Key(`"request_id":`)
		w.Text(*v.RequestID)
	}
	w.Key(`"choices":`)
	w.Open('[')
	for i := range v.Choices {
		w.Item()
		v.Choices[i].write(w)
	}
	w.Close(']')
	if v.Usage != nil {
		w.Key(`"usage":`)
		v.Usage.write(w)
	}
	w.Key(`"extra":`)
	w.Open('[')
	for i := range v.Extra {
		w.Item()
		v.Extra[i].write(w)
	}
	w.Close(']')
	w.Key(`"warnings":`)
	w.Open('[')
	for i := range v.Warnings {
		w.Item()
		v.Warnings[i].write(w)
	}
	w.Close(']')
}

func (v *Response) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Response) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Response) member(r *document.Reader, key string) {
	switch key {
	case "id":
		if !r.Null() {
			value := r.Text()
			v.ID = &value
		}
	case "provider":
		v.Provider = r.Text()
	case "model":
		if !r.Null() {
			value := r.Text()
			v.Model = &value
		}
	case "created_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.CreatedMs = &value
		}
	case "request_id":
		if !r.Null() {
			value := r.Text()
			v.RequestID = &value
		}
	case "choices":
		for more := r.Array(); more; more = r.More() {
			v.Choices = append(v.Choices, Choice{})
			v.Choices[len(v.Choices)-1].read(r)
		}
	case "usage":
		if !r.Null() {
			v.Usage = new(Usage)
			v.Usage.read(r)
		}
	case "extra":
		for more := r.Array(); more; more = r.More() {
			v.Extra = append(v.Extra, NamedJSON{})
			v.Extra[len(v.Extra)-1].read(r)
		}
	case "warnings":
		for more := r.Array(); more; more = r.More() {
			v.Warnings = append(v.Warnings, Warning{})
			v.Warnings[len(v.Warnings)-1].read(r)
		}
	default:
		r.Unknown(key, "id", "provider", "model", "created_ms", "request_id", "choices", "usage", "extra", "warnings")
	}
}

// MarshalJSON writes the document.
func (v Response) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Response) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *FallbackStep) fields(w *document.Writer) {
	w.Key(`"model":`)
	w.Text(v.Model)
	w.Key(`"on":`)
	w.Open('[')
	for i := range v.On {
		w.Item()
		w.Text(string(v.On[i]))
	}
	w.Close(']')
}

func (v *FallbackStep) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *FallbackStep) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *FallbackStep) member(r *document.Reader, key string) {
	switch key {
	case "model":
		v.Model = r.Text()
	case "on":
		for more := r.Array(); more; more = r.More() {
			v.On = append(v.On, ErrorKind(r.Text()))
		}
	default:
		r.Unknown(key, "model", "on")
	}
}

// MarshalJSON writes the document.
func (v FallbackStep) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *FallbackStep) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *Policy) fields(w *document.Writer) {
	if v.MaxAttempts != nil {
		w.Key(`"max_attempts":`)
		w.Unsigned(uint64(*v.MaxAttempts))
	}
	if v.BackoffBaseMs != nil {
		w.Key(`"backoff_base_ms":`)
		w.Unsigned(*v.BackoffBaseMs)
	}
	if v.BackoffCapMs != nil {
		w.Key(`"backoff_cap_ms":`)
		w.Unsigned(*v.BackoffCapMs)
	}
	if v.TotalTimeoutMs != nil {
		w.Key(`"total_timeout_ms":`)
		w.Unsigned(*v.TotalTimeoutMs)
	}
	if v.IdleTimeoutMs != nil {
		w.Key(`"idle_timeout_ms":`)
		w.Unsigned(*v.IdleTimeoutMs)
	}
	if v.ConnectTimeoutMs != nil {
		w.Key(`"connect_timeout_ms":`)
		w.Unsigned(*v.ConnectTimeoutMs)
	}
	if v.FirstTokenTimeoutMs != nil {
		w.Key(`"first_token_timeout_ms":`)
		w.Unsigned(*v.FirstTokenTimeoutMs)
	}
	if v.ResendUnknown != nil {
		w.Key(`"resend_unknown":`)
		w.Text(string(*v.ResendUnknown))
	}
	w.Key(`"fallback":`)
	w.Open('[')
	for i := range v.Fallback {
		w.Item()
		v.Fallback[i].write(w)
	}
	w.Close(']')
}

func (v *Policy) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Policy) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Policy) member(r *document.Reader, key string) {
	switch key {
	case "max_attempts":
		if !r.Null() {
			value := uint32(r.Unsigned(32))
			v.MaxAttempts = &value
		}
	case "backoff_base_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.BackoffBaseMs = &value
		}
	case "backoff_cap_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.BackoffCapMs = &value
		}
	case "total_timeout_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.TotalTimeoutMs = &value
		}
	case "idle_timeout_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.IdleTimeoutMs = &value
		}
	case "connect_timeout_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.ConnectTimeoutMs = &value
		}
	case "first_token_timeout_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.FirstTokenTimeoutMs = &value
		}
	case "resend_unknown":
		if !r.Null() {
			value := ResendUnknown(r.Text())
			v.ResendUnknown = &value
		}
	case "fallback":
		for more := r.Array(); more; more = r.More() {
			v.Fallback = append(v.Fallback, FallbackStep{})
			v.Fallback[len(v.Fallback)-1].read(r)
		}
	default:
		r.Unknown(key, "max_attempts", "backoff_base_ms", "backoff_cap_ms", "total_timeout_ms", "idle_timeout_ms", "connect_timeout_ms", "first_token_timeout_ms", "resend_unknown", "fallback")
	}
}

// MarshalJSON writes the document.
func (v Policy) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Policy) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *CallOptions) fields(w *document.Writer) {
	if v.Policy != nil {
		w.Key(`"policy":`)
		v.Policy.write(w)
	}
	if v.Strict != nil {
		w.Key(`"strict":`)
		w.Bool(*v.Strict)
	}
	if v.CallerTimeoutMs != nil {
		w.Key(`"caller_timeout_ms":`)
		w.Unsigned(*v.CallerTimeoutMs)
	}
	if v.IdempotencyKey != nil {
		w.Key(`"idempotency_key":`)
		w.Text(*v.IdempotencyKey)
	}
	if v.Resumable != nil {
		w.Key(`"resumable":`)
		w.Bool(*v.Resumable)
	}
}

func (v *CallOptions) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *CallOptions) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *CallOptions) member(r *document.Reader, key string) {
	switch key {
	case "policy":
		if !r.Null() {
			v.Policy = new(Policy)
			v.Policy.read(r)
		}
	case "strict":
		if !r.Null() {
			value := r.Bool()
			v.Strict = &value
		}
	case "caller_timeout_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.CallerTimeoutMs = &value
		}
	case "idempotency_key":
		if !r.Null() {
			value := r.Text()
			v.IdempotencyKey = &value
		}
	case "resumable":
		if !r.Null() {
			value := r.Bool()
			v.Resumable = &value
		}
	default:
		r.Unknown(key, "policy", "strict", "caller_timeout_ms", "idempotency_key", "resumable")
	}
}

// MarshalJSON writes the document.
func (v CallOptions) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *CallOptions) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *ErrorDetail) fields(w *document.Writer) {
	w.Key(`"kind":`)
	w.Text(string(v.Kind))
	w.Key(`"message":`)
	w.Text(v.Message)
	if v.Status != nil {
		w.Key(`"status":`)
		w.Unsigned(uint64(*v.Status))
	}
	if v.ProviderCode != nil {
		w.Key(`"provider_code":`)
		w.Text(*v.ProviderCode)
	}
	w.Key(`"retryable":`)
	w.Bool(v.Retryable)
	if v.RetryAfterMs != nil {
		w.Key(`"retry_after_ms":`)
		w.Unsigned(*v.RetryAfterMs)
	}
	if v.RequestID != nil {
		w.Key(`"request_id":`)
		w.Text(*v.RequestID)
	}
	w.Key(`"phase":`)
	w.Text(string(v.Phase))
	w.Key(`"bytes_seen":`)
	w.Unsigned(v.BytesSeen)
	if v.Raw != nil {
		w.Key(`"raw":`)
		w.Text(*v.Raw)
	}
	if v.Partial != nil {
		w.Key(`"partial":`)
		v.Partial.write(w)
	}
	if v.Deadline != nil {
		w.Key(`"deadline":`)
		w.Text(string(*v.Deadline))
	}
	w.Key(`"maybe_billed":`)
	w.Bool(v.MaybeBilled)
	w.Key(`"next":`)
	w.Open('[')
	for i := range v.Next {
		w.Item()
		w.Text(string(v.Next[i]))
	}
	w.Close(']')
}

func (v *ErrorDetail) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *ErrorDetail) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *ErrorDetail) member(r *document.Reader, key string) {
	switch key {
	case "kind":
		v.Kind = ErrorKind(r.Text())
	case "message":
		v.Message = r.Text()
	case "status":
		if !r.Null() {
			value := uint16(r.Unsigned(16))
			v.Status = &value
		}
	case "provider_code":
		if !r.Null() {
			value := r.Text()
			v.ProviderCode = &value
		}
	case "retryable":
		v.Retryable = r.Bool()
	case "retry_after_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.RetryAfterMs = &value
		}
	case "request_id":
		if !r.Null() {
			value := r.Text()
			v.RequestID = &value
		}
	case "phase":
		v.Phase = Phase(r.Text())
	case "bytes_seen":
		v.BytesSeen = r.Unsigned(64)
	case "raw":
		if !r.Null() {
			value := r.Text()
			v.Raw = &value
		}
	case "partial":
		if !r.Null() {
			v.Partial = new(Response)
			v.Partial.read(r)
		}
	case "deadline":
		if !r.Null() {
			value := Deadline(r.Text())
			v.Deadline = &value
		}
	case "maybe_billed":
		v.MaybeBilled = r.Bool()
	case "next":
		for more := r.Array(); more; more = r.More() {
			v.Next = append(v.Next, NextStep(r.Text()))
		}
	default:
		r.Unknown(key, "kind", "message", "status", "provider_code", "retryable", "retry_after_ms", "request_id", "phase", "bytes_seen", "raw", "partial", "deadline", "maybe_billed", "next")
	}
}

// MarshalJSON writes the document.
func (v ErrorDetail) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ErrorDetail) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func readOutcomeResult(r *document.Reader) OutcomeResult {
	switch tag := r.Tag(); tag {
	case "response":
		v := new(ResponseResult)
		v.read(r)
		return v
	case "error":
		v := new(ErrorResult)
		v.read(r)
		return v
	default:
		r.NoCase(tag)
		return nil
	}
}

func (*ResponseResult) isOutcomeResult() {}

func (v *ResponseResult) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"response"`)
	v.fields(w)
	w.Close('}')
}

func (v *ResponseResult) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			v.member(r, key)
		}
	}
}

// MarshalJSON writes the document.
func (v ResponseResult) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ResponseResult) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*ErrorResult) isOutcomeResult() {}

func (v *ErrorResult) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"error"`)
	v.fields(w)
	w.Close('}')
}

func (v *ErrorResult) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			v.member(r, key)
		}
	}
}

// MarshalJSON writes the document.
func (v ErrorResult) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ErrorResult) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *StartEvent) fields(w *document.Writer) {
	if v.ID != nil {
		w.Key(`"id":`)
		w.Text(*v.ID)
	}
	w.Key(`"provider":`)
	w.Text(v.Provider)
	if v.Model != nil {
		w.Key(`"model":`)
		w.Text(*v.Model)
	}
	if v.CreatedMs != nil {
		w.Key(`"created_ms":`)
		w.Unsigned(*v.CreatedMs)
	}
	if v.RequestID != nil {
		w.Key(`"request_id":`)
		w.Text(*v.RequestID)
	}
}

func (v *StartEvent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *StartEvent) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "id":
		if !r.Null() {
			value := r.Text()
			v.ID = &value
		}
	case "provider":
		v.Provider = r.Text()
	case "model":
		if !r.Null() {
			value := r.Text()
			v.Model = &value
		}
	case "created_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.CreatedMs = &value
		}
	case "request_id":
		if !r.Null() {
			value := r.Text()
			v.RequestID = &value
		}
	default:
		r.Unknown(key, "type", "id", "provider", "model", "created_ms", "request_id")
	}
}

// MarshalJSON writes the document.
func (v StartEvent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *StartEvent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *PartStartEvent) fields(w *document.Writer) {
	w.Key(`"choice":`)
	w.Unsigned(uint64(v.Choice))
	w.Key(`"part":`)
	w.Unsigned(uint64(v.Part))
	w.Key(`"kind":`)
	w.Text(string(v.Kind))
	if v.ToolCallID != nil {
		w.Key(`"tool_call_id":`)
		w.Text(*v.ToolCallID)
	}
	if v.ToolName != nil {
		w.Key(`"tool_name":`)
		w.Text(*v.ToolName)
	}
}

func (v *PartStartEvent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *PartStartEvent) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "choice":
		v.Choice = uint32(r.Unsigned(32))
	case "part":
		v.Part = uint32(r.Unsigned(32))
	case "kind":
		v.Kind = PartKind(r.Text())
	case "tool_call_id":
		if !r.Null() {
			value := r.Text()
			v.ToolCallID = &value
		}
	case "tool_name":
		if !r.Null() {
			value := r.Text()
			v.ToolName = &value
		}
	default:
		r.Unknown(key, "type", "choice", "part", "kind", "tool_call_id", "tool_name")
	}
}

// MarshalJSON writes the document.
func (v PartStartEvent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *PartStartEvent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *DeltaEvent) fields(w *document.Writer) {
	w.Key(`"choice":`)
	w.Unsigned(uint64(v.Choice))
	w.Key(`"part":`)
	w.Unsigned(uint64(v.Part))
	w.Key(`"text":`)
	w.Text(v.Text)
}

func (v *DeltaEvent) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *DeltaEvent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *DeltaEvent) member(r *document.Reader, key string) {
	switch key {
	case "choice":
		v.Choice = uint32(r.Unsigned(32))
	case "part":
		v.Part = uint32(r.Unsigned(32))
	case "text":
		v.Text = r.Text()
	default:
		r.Unknown(key, "choice", "part", "text")
	}
}

// MarshalJSON writes the document.
func (v DeltaEvent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *DeltaEvent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *PartEndEvent) fields(w *document.Writer) {
	w.Key(`"choice":`)
	w.Unsigned(uint64(v.Choice))
	w.Key(`"part":`)
	w.Unsigned(uint64(v.Part))
	if v.ProviderData != nil {
		w.Key(`"provider_data":`)
		v.ProviderData.write(w)
	}
}

func (v *PartEndEvent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *PartEndEvent) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "choice":
		v.Choice = uint32(r.Unsigned(32))
	case "part":
		v.Part = uint32(r.Unsigned(32))
	case "provider_data":
		if !r.Null() {
			v.ProviderData = new(ProviderData)
			v.ProviderData.read(r)
		}
	default:
		r.Unknown(key, "type", "choice", "part", "provider_data")
	}
}

// MarshalJSON writes the document.
func (v PartEndEvent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *PartEndEvent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *PartEvent) fields(w *document.Writer) {
	w.Key(`"choice":`)
	w.Unsigned(uint64(v.Choice))
	w.Key(`"part":`)
	w.Unsigned(uint64(v.Part))
	w.Key(`"content":`)
	if v.Content == nil {
		w.Missing()
	} else {
		v.Content.write(w)
	}
}

func (v *PartEvent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *PartEvent) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "choice":
		v.Choice = uint32(r.Unsigned(32))
	case "part":
		v.Part = uint32(r.Unsigned(32))
	case "content":
		v.Content = readPart(r)
	default:
		r.Unknown(key, "type", "choice", "part", "content")
	}
}

// MarshalJSON writes the document.
func (v PartEvent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *PartEvent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *LogprobsEvent) fields(w *document.Writer) {
	w.Key(`"choice":`)
	w.Unsigned(uint64(v.Choice))
	w.Key(`"tokens":`)
	w.Open('[')
	for i := range v.Tokens {
		w.Item()
		v.Tokens[i].write(w)
	}
	w.Close(']')
}

func (v *LogprobsEvent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *LogprobsEvent) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "choice":
		v.Choice = uint32(r.Unsigned(32))
	case "tokens":
		for more := r.Array(); more; more = r.More() {
			v.Tokens = append(v.Tokens, TokenLogprob{})
			v.Tokens[len(v.Tokens)-1].read(r)
		}
	default:
		r.Unknown(key, "type", "choice", "tokens")
	}
}

// MarshalJSON writes the document.
func (v LogprobsEvent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *LogprobsEvent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *FinishEvent) fields(w *document.Writer) {
	w.Key(`"choice":`)
	w.Unsigned(uint64(v.Choice))
	w.Key(`"finish":`)
	v.Finish.write(w)
}

func (v *FinishEvent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *FinishEvent) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "choice":
		v.Choice = uint32(r.Unsigned(32))
	case "finish":
		v.Finish.read(r)
	default:
		r.Unknown(key, "type", "choice", "finish")
	}
}

// MarshalJSON writes the document.
func (v FinishEvent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *FinishEvent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *RetryNotice) fields(w *document.Writer) {
	w.Key(`"attempt":`)
	w.Unsigned(uint64(v.Attempt))
	w.Key(`"error":`)
	w.Text(string(v.Error))
	w.Key(`"cause":`)
	w.Text(v.Cause)
	w.Key(`"delay_ms":`)
	w.Unsigned(v.DelayMs)
	w.Key(`"reason":`)
	w.Text(string(v.Reason))
}

func (v *RetryNotice) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *RetryNotice) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "attempt":
		v.Attempt = uint32(r.Unsigned(32))
	case "error":
		v.Error = ErrorKind(r.Text())
	case "cause":
		v.Cause = r.Text()
	case "delay_ms":
		v.DelayMs = r.Unsigned(64)
	case "reason":
		v.Reason = WaitReason(r.Text())
	default:
		r.Unknown(key, "type", "attempt", "error", "cause", "delay_ms", "reason")
	}
}

// MarshalJSON writes the document.
func (v RetryNotice) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *RetryNotice) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *FallbackNotice) fields(w *document.Writer) {
	w.Key(`"from_model":`)
	w.Text(v.FromModel)
	w.Key(`"to_model":`)
	w.Text(v.ToModel)
	w.Key(`"error":`)
	w.Text(string(v.Error))
	w.Key(`"cause":`)
	w.Text(v.Cause)
}

func (v *FallbackNotice) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *FallbackNotice) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "from_model":
		v.FromModel = r.Text()
	case "to_model":
		v.ToModel = r.Text()
	case "error":
		v.Error = ErrorKind(r.Text())
	case "cause":
		v.Cause = r.Text()
	default:
		r.Unknown(key, "type", "from_model", "to_model", "error", "cause")
	}
}

// MarshalJSON writes the document.
func (v FallbackNotice) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *FallbackNotice) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *HoldNotice) fields(w *document.Writer) {
	w.Key(`"model":`)
	w.Text(v.Model)
	w.Key(`"reason":`)
	w.Text(string(v.Reason))
	w.Key(`"delay_ms":`)
	w.Unsigned(v.DelayMs)
}

func (v *HoldNotice) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *HoldNotice) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "model":
		v.Model = r.Text()
	case "reason":
		v.Reason = WaitReason(r.Text())
	case "delay_ms":
		v.DelayMs = r.Unsigned(64)
	default:
		r.Unknown(key, "type", "model", "reason", "delay_ms")
	}
}

// MarshalJSON writes the document.
func (v HoldNotice) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *HoldNotice) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func readNotice(r *document.Reader) Notice {
	switch tag := r.Tag(); tag {
	case "retry":
		v := new(RetryNotice)
		v.read(r)
		return v
	case "fallback":
		v := new(FallbackNotice)
		v.read(r)
		return v
	case "hold":
		v := new(HoldNotice)
		v.read(r)
		return v
	default:
		r.NoCase(tag)
		return nil
	}
}

func (*RetryNotice) isNotice() {}

func (v *RetryNotice) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"retry"`)
	v.fields(w)
	w.Close('}')
}

func (*FallbackNotice) isNotice() {}

func (v *FallbackNotice) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"fallback"`)
	v.fields(w)
	w.Close('}')
}

func (*HoldNotice) isNotice() {}

func (v *HoldNotice) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"hold"`)
	v.fields(w)
	w.Close('}')
}

func (v *NoticeEvent) fields(w *document.Writer) {
	w.Key(`"notice":`)
	if v.Notice == nil {
		w.Missing()
	} else {
		v.Notice.write(w)
	}
}

func (v *NoticeEvent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *NoticeEvent) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "notice":
		v.Notice = readNotice(r)
	default:
		r.Unknown(key, "type", "notice")
	}
}

// MarshalJSON writes the document.
func (v NoticeEvent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *NoticeEvent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func readEvent(r *document.Reader) Event {
	switch tag := r.Tag(); tag {
	case "start":
		v := new(StartEvent)
		v.read(r)
		return v
	case "part_start":
		v := new(PartStartEvent)
		v.read(r)
		return v
	case "text_delta":
		v := new(TextDeltaEvent)
		v.read(r)
		return v
	case "reasoning_delta":
		v := new(ReasoningDeltaEvent)
		v.read(r)
		return v
	case "refusal_delta":
		v := new(RefusalDeltaEvent)
		v.read(r)
		return v
	case "tool_arguments_delta":
		v := new(ToolArgumentsDeltaEvent)
		v.read(r)
		return v
	case "part_end":
		v := new(PartEndEvent)
		v.read(r)
		return v
	case "part":
		v := new(PartEvent)
		v.read(r)
		return v
	case "logprobs":
		v := new(LogprobsEvent)
		v.read(r)
		return v
	case "finish":
		v := new(FinishEvent)
		v.read(r)
		return v
	case "usage":
		v := new(UsageEvent)
		v.read(r)
		return v
	case "heartbeat":
		v := new(HeartbeatEvent)
		v.read(r)
		return v
	case "notice":
		v := new(NoticeEvent)
		v.read(r)
		return v
	case "warning":
		v := new(WarningEvent)
		v.read(r)
		return v
	default:
		r.NoCase(tag)
		return nil
	}
}

func (*StartEvent) isEvent() {}

func (v *StartEvent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"start"`)
	v.fields(w)
	w.Close('}')
}

func (*PartStartEvent) isEvent() {}

func (v *PartStartEvent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"part_start"`)
	v.fields(w)
	w.Close('}')
}

func (*TextDeltaEvent) isEvent() {}

func (v *TextDeltaEvent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"text_delta"`)
	v.fields(w)
	w.Close('}')
}

func (v *TextDeltaEvent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			v.member(r, key)
		}
	}
}

// MarshalJSON writes the document.
func (v TextDeltaEvent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *TextDeltaEvent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*ReasoningDeltaEvent) isEvent() {}

func (v *ReasoningDeltaEvent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"reasoning_delta"`)
	v.fields(w)
	w.Close('}')
}

func (v *ReasoningDeltaEvent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			v.member(r, key)
		}
	}
}

// MarshalJSON writes the document.
func (v ReasoningDeltaEvent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ReasoningDeltaEvent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*RefusalDeltaEvent) isEvent() {}

func (v *RefusalDeltaEvent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"refusal_delta"`)
	v.fields(w)
	w.Close('}')
}

func (v *RefusalDeltaEvent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			v.member(r, key)
		}
	}
}

// MarshalJSON writes the document.
func (v RefusalDeltaEvent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *RefusalDeltaEvent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*ToolArgumentsDeltaEvent) isEvent() {}

func (v *ToolArgumentsDeltaEvent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"tool_arguments_delta"`)
	v.fields(w)
	w.Close('}')
}

func (v *ToolArgumentsDeltaEvent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			v.member(r, key)
		}
	}
}

// MarshalJSON writes the document.
func (v ToolArgumentsDeltaEvent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ToolArgumentsDeltaEvent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*PartEndEvent) isEvent() {}

func (v *PartEndEvent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"part_end"`)
	v.fields(w)
	w.Close('}')
}

func (*PartEvent) isEvent() {}

func (v *PartEvent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"part"`)
	v.fields(w)
	w.Close('}')
}

func (*LogprobsEvent) isEvent() {}

func (v *LogprobsEvent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"logprobs"`)
	v.fields(w)
	w.Close('}')
}

func (*FinishEvent) isEvent() {}

func (v *FinishEvent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"finish"`)
	v.fields(w)
	w.Close('}')
}

func (*UsageEvent) isEvent() {}

func (v *UsageEvent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"usage"`)
	v.fields(w)
	w.Close('}')
}

func (v *UsageEvent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			v.member(r, key)
		}
	}
}

// MarshalJSON writes the document.
func (v UsageEvent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *UsageEvent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*HeartbeatEvent) isEvent() {}

func (v *HeartbeatEvent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"heartbeat"`)
	w.Close('}')
}

func (v *HeartbeatEvent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			r.Unknown(key, "type")
		}
	}
}

// MarshalJSON writes the document.
func (v HeartbeatEvent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *HeartbeatEvent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (*NoticeEvent) isEvent() {}

func (v *NoticeEvent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"notice"`)
	v.fields(w)
	w.Close('}')
}

func (*WarningEvent) isEvent() {}

func (v *WarningEvent) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"warning"`)
	v.fields(w)
	w.Close('}')
}

func (v *WarningEvent) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		if key := r.Key(); key == "type" {
			r.Skip()
		} else {
			v.member(r, key)
		}
	}
}

// MarshalJSON writes the document.
func (v WarningEvent) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *WarningEvent) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *HeaderAuth) fields(w *document.Writer) {
	w.Key(`"name":`)
	w.Text(v.Name)
	w.Key(`"prefix":`)
	w.Text(v.Prefix)
}

func (v *HeaderAuth) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *HeaderAuth) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "name":
		v.Name = r.Text()
	case "prefix":
		v.Prefix = r.Text()
	default:
		r.Unknown(key, "type", "name", "prefix")
	}
}

// MarshalJSON writes the document.
func (v HeaderAuth) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *HeaderAuth) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *QueryAuth) fields(w *document.Writer) {
	w.Key(`"name":`)
	w.Text(v.Name)
}

func (v *QueryAuth) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *QueryAuth) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "name":
		v.Name = r.Text()
	default:
		r.Unknown(key, "type", "name")
	}
}

// MarshalJSON writes the document.
func (v QueryAuth) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *QueryAuth) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func readAuthSlot(r *document.Reader) AuthSlot {
	switch tag := r.Tag(); tag {
	case "header":
		v := new(HeaderAuth)
		v.read(r)
		return v
	case "query":
		v := new(QueryAuth)
		v.read(r)
		return v
	default:
		r.NoCase(tag)
		return nil
	}
}

func (*HeaderAuth) isAuthSlot() {}

func (v *HeaderAuth) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"header"`)
	v.fields(w)
	w.Close('}')
}

func (*QueryAuth) isAuthSlot() {}

func (v *QueryAuth) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"query"`)
	v.fields(w)
	w.Close('}')
}

func (v *TextSegment) fields(w *document.Writer) {
	w.Key(`"text":`)
	w.Text(v.Text)
}

func (v *TextSegment) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *TextSegment) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "text":
		v.Text = r.Text()
	default:
		r.Unknown(key, "type", "text")
	}
}

// MarshalJSON writes the document.
func (v TextSegment) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *TextSegment) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *BlobSegment) fields(w *document.Writer) {
	w.Key(`"id":`)
	w.Text(v.ID)
	w.Key(`"encoding":`)
	w.Text(string(v.Encoding))
}

func (v *BlobSegment) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *BlobSegment) member(r *document.Reader, key string) {
	switch key {
	case "type":
		r.Skip()
	case "id":
		v.ID = r.Text()
	case "encoding":
		v.Encoding = BlobEncoding(r.Text())
	default:
		r.Unknown(key, "type", "id", "encoding")
	}
}

// MarshalJSON writes the document.
func (v BlobSegment) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *BlobSegment) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func readBodySegment(r *document.Reader) BodySegment {
	switch tag := r.Tag(); tag {
	case "text":
		v := new(TextSegment)
		v.read(r)
		return v
	case "blob":
		v := new(BlobSegment)
		v.read(r)
		return v
	default:
		r.NoCase(tag)
		return nil
	}
}

func (*TextSegment) isBodySegment() {}

func (v *TextSegment) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"text"`)
	v.fields(w)
	w.Close('}')
}

func (*BlobSegment) isBodySegment() {}

func (v *BlobSegment) write(w *document.Writer) {
	if v == nil {
		w.Missing()
		return
	}
	w.Open('{')
	w.Key(`"type":"blob"`)
	v.fields(w)
	w.Close('}')
}

func (v *HTTPRequest) fields(w *document.Writer) {
	w.Key(`"method":`)
	w.Text(v.Method)
	w.Key(`"url":`)
	w.Text(v.URL)
	w.Key(`"headers":`)
	w.Open('[')
	for i := range v.Headers {
		w.Item()
		v.Headers[i].write(w)
	}
	w.Close(']')
	if v.Auth != nil {
		w.Key(`"auth":`)
		v.Auth.write(w)
	}
	w.Key(`"body":`)
	w.Open('[')
	for i := range v.Body {
		w.Item()
		if v.Body[i] == nil {
			w.Missing()
		} else {
			v.Body[i].write(w)
		}
	}
	w.Close(']')
	w.Key(`"body_length":`)
	w.Unsigned(v.BodyLength)
}

func (v *HTTPRequest) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *HTTPRequest) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *HTTPRequest) member(r *document.Reader, key string) {
	switch key {
	case "method":
		v.Method = r.Text()
	case "url":
		v.URL = r.Text()
	case "headers":
		for more := r.Array(); more; more = r.More() {
			v.Headers = append(v.Headers, Header{})
			v.Headers[len(v.Headers)-1].read(r)
		}
	case "auth":
		if !r.Null() {
			v.Auth = readAuthSlot(r)
		}
	case "body":
		for more := r.Array(); more; more = r.More() {
			v.Body = append(v.Body, readBodySegment(r))
		}
	case "body_length":
		v.BodyLength = r.Unsigned(64)
	default:
		r.Unknown(key, "method", "url", "headers", "auth", "body", "body_length")
	}
}

// MarshalJSON writes the document.
func (v HTTPRequest) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *HTTPRequest) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *Send) fields(w *document.Writer) {
	w.Key(`"attempt":`)
	w.Unsigned(uint64(v.Attempt))
	w.Key(`"provider":`)
	w.Text(v.Provider)
	w.Key(`"key_slot":`)
	w.Unsigned(uint64(v.KeySlot))
	w.Key(`"request":`)
	v.Request.write(w)
	if v.IdleMs != nil {
		w.Key(`"idle_ms":`)
		w.Unsigned(*v.IdleMs)
	}
	if v.ConnectTimeoutMs != nil {
		w.Key(`"connect_timeout_ms":`)
		w.Unsigned(*v.ConnectTimeoutMs)
	}
	if v.MaxBodyBytes != nil {
		w.Key(`"max_body_bytes":`)
		w.Unsigned(*v.MaxBodyBytes)
	}
}

func (v *Send) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Send) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Send) member(r *document.Reader, key string) {
	switch key {
	case "attempt":
		v.Attempt = uint32(r.Unsigned(32))
	case "provider":
		v.Provider = r.Text()
	case "key_slot":
		v.KeySlot = uint32(r.Unsigned(32))
	case "request":
		v.Request.read(r)
	case "idle_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.IdleMs = &value
		}
	case "connect_timeout_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.ConnectTimeoutMs = &value
		}
	case "max_body_bytes":
		if !r.Null() {
			value := r.Unsigned(64)
			v.MaxBodyBytes = &value
		}
	default:
		r.Unknown(key, "attempt", "provider", "key_slot", "request", "idle_ms", "connect_timeout_ms", "max_body_bytes")
	}
}

// MarshalJSON writes the document.
func (v Send) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Send) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *ResponseHead) fields(w *document.Writer) {
	w.Key(`"status":`)
	w.Unsigned(uint64(v.Status))
	w.Key(`"headers":`)
	w.Open('[')
	for i := range v.Headers {
		w.Item()
		v.Headers[i].write(w)
	}
	w.Close(']')
}

func (v *ResponseHead) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *ResponseHead) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *ResponseHead) member(r *document.Reader, key string) {
	switch key {
	case "status":
		v.Status = uint16(r.Unsigned(16))
	case "headers":
		for more := r.Array(); more; more = r.More() {
			v.Headers = append(v.Headers, Header{})
			v.Headers[len(v.Headers)-1].read(r)
		}
	default:
		r.Unknown(key, "status", "headers")
	}
}

// MarshalJSON writes the document.
func (v ResponseHead) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ResponseHead) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *AttemptReport) fields(w *document.Writer) {
	w.Key(`"attempt":`)
	w.Unsigned(uint64(v.Attempt))
	w.Key(`"provider":`)
	w.Text(v.Provider)
	w.Key(`"model":`)
	w.Text(v.Model)
	w.Key(`"started_ms":`)
	w.Unsigned(v.StartedMs)
	if v.HeadMs != nil {
		w.Key(`"head_ms":`)
		w.Unsigned(*v.HeadMs)
	}
	w.Key(`"ended_ms":`)
	w.Unsigned(v.EndedMs)
	if v.Status != nil {
		w.Key(`"status":`)
		w.Unsigned(uint64(*v.Status))
	}
	w.Key(`"bytes_seen":`)
	w.Unsigned(v.BytesSeen)
	w.Key(`"end":`)
	w.Text(string(v.End))
	if v.Error != nil {
		w.Key(`"error":`)
		w.Text(string(*v.Error))
	}
	if v.Cause != nil {
		w.Key(`"cause":`)
		w.Text(*v.Cause)
	}
	if v.WaitMs != nil {
		w.Key(`"wait_ms":`)
		w.Unsigned(*v.WaitMs)
	}
	if v.WaitReason != nil {
		w.Key(`"wait_reason":`)
		w.Text(string(*v.WaitReason))
	}
	w.Key(`"maybe_billed":`)
	w.Bool(v.MaybeBilled)
	w.Key(`"key_slot":`)
	w.Unsigned(uint64(v.KeySlot))
	if v.Reached != nil {
		w.Key(`"reached":`)
		w.Text(string(*v.Reached))
	}
}

func (v *AttemptReport) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *AttemptReport) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *AttemptReport) member(r *document.Reader, key string) {
	switch key {
	case "attempt":
		v.Attempt = uint32(r.Unsigned(32))
	case "provider":
		v.Provider = r.Text()
	case "model":
		v.Model = r.Text()
	case "started_ms":
		v.StartedMs = r.Unsigned(64)
	case "head_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.HeadMs = &value
		}
	case "ended_ms":
		v.EndedMs = r.Unsigned(64)
	case "status":
		if !r.Null() {
			value := uint16(r.Unsigned(16))
			v.Status = &value
		}
	case "bytes_seen":
		v.BytesSeen = r.Unsigned(64)
	case "end":
		v.End = AttemptEnd(r.Text())
	case "error":
		if !r.Null() {
			value := ErrorKind(r.Text())
			v.Error = &value
		}
	case "cause":
		if !r.Null() {
			value := r.Text()
			v.Cause = &value
		}
	case "wait_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.WaitMs = &value
		}
	case "wait_reason":
		if !r.Null() {
			value := WaitReason(r.Text())
			v.WaitReason = &value
		}
	case "maybe_billed":
		v.MaybeBilled = r.Bool()
	case "key_slot":
		v.KeySlot = uint32(r.Unsigned(32))
	case "reached":
		if !r.Null() {
			value := Reached(r.Text())
			v.Reached = &value
		}
	default:
		r.Unknown(key, "attempt", "provider", "model", "started_ms", "head_ms", "ended_ms", "status", "bytes_seen", "end", "error", "cause", "wait_ms", "wait_reason", "maybe_billed", "key_slot", "reached")
	}
}

// MarshalJSON writes the document.
func (v AttemptReport) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *AttemptReport) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *Report) fields(w *document.Writer) {
	w.Key(`"started_ms":`)
	w.Unsigned(v.StartedMs)
	w.Key(`"ended_ms":`)
	w.Unsigned(v.EndedMs)
	if v.FirstTokenMs != nil {
		w.Key(`"first_token_ms":`)
		w.Unsigned(*v.FirstTokenMs)
	}
	w.Key(`"attempts":`)
	w.Open('[')
	for i := range v.Attempts {
		w.Item()
		v.Attempts[i].write(w)
	}
	w.Close(']')
	w.Key(`"held_ms":`)
	w.Unsigned(v.HeldMs)
}

func (v *Report) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Report) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Report) member(r *document.Reader, key string) {
	switch key {
	case "started_ms":
		v.StartedMs = r.Unsigned(64)
	case "ended_ms":
		v.EndedMs = r.Unsigned(64)
	case "first_token_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.FirstTokenMs = &value
		}
	case "attempts":
		for more := r.Array(); more; more = r.More() {
			v.Attempts = append(v.Attempts, AttemptReport{})
			v.Attempts[len(v.Attempts)-1].read(r)
		}
	case "held_ms":
		v.HeldMs = r.Unsigned(64)
	default:
		r.Unknown(key, "started_ms", "ended_ms", "first_token_ms", "attempts", "held_ms")
	}
}

// MarshalJSON writes the document.
func (v Report) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Report) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *Outcome) fields(w *document.Writer) {
	w.Key(`"result":`)
	if v.Result == nil {
		w.Missing()
	} else {
		v.Result.write(w)
	}
	w.Key(`"report":`)
	v.Report.write(w)
}

func (v *Outcome) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Outcome) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Outcome) member(r *document.Reader, key string) {
	switch key {
	case "result":
		v.Result = readOutcomeResult(r)
	case "report":
		v.Report.read(r)
	default:
		r.Unknown(key, "result", "report")
	}
}

// MarshalJSON writes the document.
func (v Outcome) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Outcome) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *Step) fields(w *document.Writer) {
	w.Key(`"send":`)
	w.Open('[')
	for i := range v.Send {
		w.Item()
		v.Send[i].write(w)
	}
	w.Close(']')
	w.Key(`"abort":`)
	w.Open('[')
	for i := range v.Abort {
		w.Item()
		w.Unsigned(uint64(v.Abort[i]))
	}
	w.Close(']')
	w.Key(`"events":`)
	w.Open('[')
	for i := range v.Events {
		w.Item()
		if v.Events[i] == nil {
			w.Missing()
		} else {
			v.Events[i].write(w)
		}
	}
	w.Close(']')
	if v.WakeAtMs != nil {
		w.Key(`"wake_at_ms":`)
		w.Unsigned(*v.WakeAtMs)
	}
	if v.Outcome != nil {
		w.Key(`"outcome":`)
		v.Outcome.write(w)
	}
	w.Key(`"state_changed":`)
	w.Bool(v.StateChanged)
}

func (v *Step) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Step) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Step) member(r *document.Reader, key string) {
	switch key {
	case "send":
		for more := r.Array(); more; more = r.More() {
			v.Send = append(v.Send, Send{})
			v.Send[len(v.Send)-1].read(r)
		}
	case "abort":
		for more := r.Array(); more; more = r.More() {
			v.Abort = append(v.Abort, uint32(r.Unsigned(32)))
		}
	case "events":
		for more := r.Array(); more; more = r.More() {
			v.Events = append(v.Events, readEvent(r))
		}
	case "wake_at_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.WakeAtMs = &value
		}
	case "outcome":
		if !r.Null() {
			v.Outcome = new(Outcome)
			v.Outcome.read(r)
		}
	case "state_changed":
		v.StateChanged = r.Bool()
	default:
		r.Unknown(key, "send", "abort", "events", "wake_at_ms", "outcome", "state_changed")
	}
}

// MarshalJSON writes the document.
func (v Step) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Step) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *Started) fields(w *document.Writer) {
	w.Key(`"call":`)
	w.Unsigned(v.Call)
	w.Key(`"step":`)
	v.Step.write(w)
}

func (v *Started) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Started) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Started) member(r *document.Reader, key string) {
	switch key {
	case "call":
		v.Call = r.Unsigned(64)
	case "step":
		v.Step.read(r)
	default:
		r.Unknown(key, "call", "step")
	}
}

// MarshalJSON writes the document.
func (v Started) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Started) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *TransportFailure) fields(w *document.Writer) {
	w.Key(`"kind":`)
	w.Text(string(v.Kind))
	w.Key(`"reached":`)
	w.Text(string(v.Reached))
	w.Key(`"message":`)
	w.Text(v.Message)
}

func (v *TransportFailure) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *TransportFailure) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *TransportFailure) member(r *document.Reader, key string) {
	switch key {
	case "kind":
		v.Kind = FailureKind(r.Text())
	case "reached":
		v.Reached = Reached(r.Text())
	case "message":
		v.Message = r.Text()
	default:
		r.Unknown(key, "kind", "reached", "message")
	}
}

// MarshalJSON writes the document.
func (v TransportFailure) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *TransportFailure) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *Limits) fields(w *document.Writer) {
	if v.MaxLineBytes != nil {
		w.Key(`"max_line_bytes":`)
		w.Unsigned(*v.MaxLineBytes)
	}
	if v.MaxBodyBytes != nil {
		w.Key(`"max_body_bytes":`)
		w.Unsigned(*v.MaxBodyBytes)
	}
	if v.MaxRequestBytes != nil {
		w.Key(`"max_request_bytes":`)
		w.Unsigned(*v.MaxRequestBytes)
	}
	if v.MaxHeldBytes != nil {
		w.Key(`"max_held_bytes":`)
		w.Unsigned(*v.MaxHeldBytes)
	}
}

func (v *Limits) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Limits) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Limits) member(r *document.Reader, key string) {
	switch key {
	case "max_line_bytes":
		if !r.Null() {
			value := r.Unsigned(64)
			v.MaxLineBytes = &value
		}
	case "max_body_bytes":
		if !r.Null() {
			value := r.Unsigned(64)
			v.MaxBodyBytes = &value
		}
	case "max_request_bytes":
		if !r.Null() {
			value := r.Unsigned(64)
			v.MaxRequestBytes = &value
		}
	case "max_held_bytes":
		if !r.Null() {
			value := r.Unsigned(64)
			v.MaxHeldBytes = &value
		}
	default:
		r.Unknown(key, "max_line_bytes", "max_body_bytes", "max_request_bytes", "max_held_bytes")
	}
}

// MarshalJSON writes the document.
func (v Limits) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Limits) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *ProviderRow) fields(w *document.Writer) {
	w.Key(`"id":`)
	w.Text(v.ID)
	if v.Protocol != nil {
		w.Key(`"protocol":`)
		w.Text(*v.Protocol)
	}
	if v.BaseURL != nil {
		w.Key(`"base_url":`)
		w.Text(*v.BaseURL)
	}
	if v.Auth != nil {
		w.Key(`"auth":`)
		v.Auth.write(w)
	}
	w.Key(`"key_env":`)
	w.Open('[')
	for i := range v.KeyEnv {
		w.Item()
		w.Text(v.KeyEnv[i])
	}
	w.Close(']')
	w.Key(`"spare_key_env":`)
	w.Open('[')
	for i := range v.SpareKeyEnv {
		w.Item()
		w.Text(v.SpareKeyEnv[i])
	}
	w.Close(']')
	if v.IdempotencyHeader != nil {
		w.Key(`"idempotency_header":`)
		w.Text(*v.IdempotencyHeader)
	}
}

func (v *ProviderRow) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *ProviderRow) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *ProviderRow) member(r *document.Reader, key string) {
	switch key {
	case "id":
		v.ID = r.Text()
	case "protocol":
		if !r.Null() {
			value := r.Text()
			v.Protocol = &value
		}
	case "base_url":
		if !r.Null() {
			value := r.Text()
			v.BaseURL = &value
		}
	case "auth":
		if !r.Null() {
			v.Auth = readAuthSlot(r)
		}
	case "key_env":
		for more := r.Array(); more; more = r.More() {
			v.KeyEnv = append(v.KeyEnv, r.Text())
		}
	case "spare_key_env":
		for more := r.Array(); more; more = r.More() {
			v.SpareKeyEnv = append(v.SpareKeyEnv, r.Text())
		}
	case "idempotency_header":
		if !r.Null() {
			value := r.Text()
			v.IdempotencyHeader = &value
		}
	default:
		r.Unknown(key, "id", "protocol", "base_url", "auth", "key_env", "spare_key_env", "idempotency_header")
	}
}

// MarshalJSON writes the document.
func (v ProviderRow) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ProviderRow) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *Guards) fields(w *document.Writer) {
	if v.RetryBudget != nil {
		w.Key(`"retry_budget":`)
		w.Unsigned(uint64(*v.RetryBudget))
	}
	if v.RetryRefillPercent != nil {
		w.Key(`"retry_refill_percent":`)
		w.Unsigned(uint64(*v.RetryRefillPercent))
	}
	if v.RetryRefillMs != nil {
		w.Key(`"retry_refill_ms":`)
		w.Unsigned(*v.RetryRefillMs)
	}
	if v.BreakerFailures != nil {
		w.Key(`"breaker_failures":`)
		w.Unsigned(uint64(*v.BreakerFailures))
	}
	if v.BreakerOpenMs != nil {
		w.Key(`"breaker_open_ms":`)
		w.Unsigned(*v.BreakerOpenMs)
	}
	if v.BreakerProbes != nil {
		w.Key(`"breaker_probes":`)
		w.Unsigned(uint64(*v.BreakerProbes))
	}
	if v.CooldownCapMs != nil {
		w.Key(`"cooldown_cap_ms":`)
		w.Unsigned(*v.CooldownCapMs)
	}
	if v.KeyRestMs != nil {
		w.Key(`"key_rest_ms":`)
		w.Unsigned(*v.KeyRestMs)
	}
}

func (v *Guards) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Guards) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Guards) member(r *document.Reader, key string) {
	switch key {
	case "retry_budget":
		if !r.Null() {
			value := uint32(r.Unsigned(32))
			v.RetryBudget = &value
		}
	case "retry_refill_percent":
		if !r.Null() {
			value := uint32(r.Unsigned(32))
			v.RetryRefillPercent = &value
		}
	case "retry_refill_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.RetryRefillMs = &value
		}
	case "breaker_failures":
		if !r.Null() {
			value := uint32(r.Unsigned(32))
			v.BreakerFailures = &value
		}
	case "breaker_open_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.BreakerOpenMs = &value
		}
	case "breaker_probes":
		if !r.Null() {
			value := uint32(r.Unsigned(32))
			v.BreakerProbes = &value
		}
	case "cooldown_cap_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.CooldownCapMs = &value
		}
	case "key_rest_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.KeyRestMs = &value
		}
	default:
		r.Unknown(key, "retry_budget", "retry_refill_percent", "retry_refill_ms", "breaker_failures", "breaker_open_ms", "breaker_probes", "cooldown_cap_ms", "key_rest_ms")
	}
}

// MarshalJSON writes the document.
func (v Guards) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Guards) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *ClientConfig) fields(w *document.Writer) {
	w.Key(`"providers":`)
	w.Open('[')
	for i := range v.Providers {
		w.Item()
		v.Providers[i].write(w)
	}
	w.Close(']')
	if v.Policy != nil {
		w.Key(`"policy":`)
		v.Policy.write(w)
	}
	if v.Limits != nil {
		w.Key(`"limits":`)
		v.Limits.write(w)
	}
	if v.Guards != nil {
		w.Key(`"guards":`)
		v.Guards.write(w)
	}
}

func (v *ClientConfig) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *ClientConfig) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *ClientConfig) member(r *document.Reader, key string) {
	switch key {
	case "providers":
		for more := r.Array(); more; more = r.More() {
			v.Providers = append(v.Providers, ProviderRow{})
			v.Providers[len(v.Providers)-1].read(r)
		}
	case "policy":
		if !r.Null() {
			v.Policy = new(Policy)
			v.Policy.read(r)
		}
	case "limits":
		if !r.Null() {
			v.Limits = new(Limits)
			v.Limits.read(r)
		}
	case "guards":
		if !r.Null() {
			v.Guards = new(Guards)
			v.Guards.read(r)
		}
	default:
		r.Unknown(key, "providers", "policy", "limits", "guards")
	}
}

// MarshalJSON writes the document.
func (v ClientConfig) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ClientConfig) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *EgressRow) fields(w *document.Writer) {
	w.Key(`"provider":`)
	w.Text(v.Provider)
	w.Key(`"protocol":`)
	w.Text(v.Protocol)
	w.Key(`"origins":`)
	w.Open('[')
	for i := range v.Origins {
		w.Item()
		w.Text(v.Origins[i])
	}
	w.Close(']')
	if v.Auth != nil {
		w.Key(`"auth":`)
		v.Auth.write(w)
	}
	w.Key(`"key_env":`)
	w.Open('[')
	for i := range v.KeyEnv {
		w.Item()
		w.Text(v.KeyEnv[i])
	}
	w.Close(']')
	w.Key(`"spare_key_env":`)
	w.Open('[')
	for i := range v.SpareKeyEnv {
		w.Item()
		w.Text(v.SpareKeyEnv[i])
	}
	w.Close(']')
}

func (v *EgressRow) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *EgressRow) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *EgressRow) member(r *document.Reader, key string) {
	switch key {
	case "provider":
		v.Provider = r.Text()
	case "protocol":
		v.Protocol = r.Text()
	case "origins":
		for more := r.Array(); more; more = r.More() {
			v.Origins = append(v.Origins, r.Text())
		}
	case "auth":
		if !r.Null() {
			v.Auth = readAuthSlot(r)
		}
	case "key_env":
		for more := r.Array(); more; more = r.More() {
			v.KeyEnv = append(v.KeyEnv, r.Text())
		}
	case "spare_key_env":
		for more := r.Array(); more; more = r.More() {
			v.SpareKeyEnv = append(v.SpareKeyEnv, r.Text())
		}
	default:
		r.Unknown(key, "provider", "protocol", "origins", "auth", "key_env", "spare_key_env")
	}
}

// MarshalJSON writes the document.
func (v EgressRow) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *EgressRow) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *Created) fields(w *document.Writer) {
	w.Key(`"client":`)
	w.Unsigned(v.Client)
	w.Key(`"egress":`)
	w.Open('[')
	for i := range v.Egress {
		w.Item()
		v.Egress[i].write(w)
	}
	w.Close(']')
}

func (v *Created) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *Created) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *Created) member(r *document.Reader, key string) {
	switch key {
	case "client":
		v.Client = r.Unsigned(64)
	case "egress":
		for more := r.Array(); more; more = r.More() {
			v.Egress = append(v.Egress, EgressRow{})
			v.Egress[len(v.Egress)-1].read(r)
		}
	default:
		r.Unknown(key, "client", "egress")
	}
}

// MarshalJSON writes the document.
func (v Created) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *Created) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *DeploymentState) fields(w *document.Writer) {
	w.Key(`"provider":`)
	w.Text(v.Provider)
	w.Key(`"model":`)
	w.Text(v.Model)
	w.Key(`"failures":`)
	w.Unsigned(uint64(v.Failures))
	if v.OpenUntilMs != nil {
		w.Key(`"open_until_ms":`)
		w.Unsigned(*v.OpenUntilMs)
	}
	if v.CooldownUntilMs != nil {
		w.Key(`"cooldown_until_ms":`)
		w.Unsigned(*v.CooldownUntilMs)
	}
	w.Key(`"opening":`)
	w.Unsigned(v.Opening)
}

func (v *DeploymentState) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *DeploymentState) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *DeploymentState) member(r *document.Reader, key string) {
	switch key {
	case "provider":
		v.Provider = r.Text()
	case "model":
		v.Model = r.Text()
	case "failures":
		v.Failures = uint32(r.Unsigned(32))
	case "open_until_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.OpenUntilMs = &value
		}
	case "cooldown_until_ms":
		if !r.Null() {
			value := r.Unsigned(64)
			v.CooldownUntilMs = &value
		}
	case "opening":
		v.Opening = r.Unsigned(64)
	default:
		r.Unknown(key, "provider", "model", "failures", "open_until_ms", "cooldown_until_ms", "opening")
	}
}

// MarshalJSON writes the document.
func (v DeploymentState) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *DeploymentState) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *KeyState) fields(w *document.Writer) {
	w.Key(`"provider":`)
	w.Text(v.Provider)
	w.Key(`"key_slot":`)
	w.Unsigned(uint64(v.KeySlot))
	w.Key(`"until_ms":`)
	w.Unsigned(v.UntilMs)
	w.Key(`"refused":`)
	w.Bool(v.Refused)
}

func (v *KeyState) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *KeyState) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *KeyState) member(r *document.Reader, key string) {
	switch key {
	case "provider":
		v.Provider = r.Text()
	case "key_slot":
		v.KeySlot = uint32(r.Unsigned(32))
	case "until_ms":
		v.UntilMs = r.Unsigned(64)
	case "refused":
		v.Refused = r.Bool()
	default:
		r.Unknown(key, "provider", "key_slot", "until_ms", "refused")
	}
}

// MarshalJSON writes the document.
func (v KeyState) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *KeyState) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *ClientSnapshot) fields(w *document.Writer) {
	w.Key(`"state_version":`)
	w.Unsigned(uint64(v.StateVersion))
	w.Key(`"now_ms":`)
	w.Unsigned(v.NowMs)
	w.Key(`"retry_hundredths":`)
	w.Unsigned(v.RetryHundredths)
	w.Key(`"refilled_at_ms":`)
	w.Unsigned(v.RefilledAtMs)
	w.Key(`"deployments":`)
	w.Open('[')
	for i := range v.Deployments {
		w.Item()
		v.Deployments[i].write(w)
	}
	w.Close(']')
	w.Key(`"keys":`)
	w.Open('[')
	for i := range v.Keys {
		w.Item()
		v.Keys[i].write(w)
	}
	w.Close(']')
}

func (v *ClientSnapshot) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *ClientSnapshot) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *ClientSnapshot) member(r *document.Reader, key string) {
	switch key {
	case "state_version":
		v.StateVersion = uint32(r.Unsigned(32))
	case "now_ms":
		v.NowMs = r.Unsigned(64)
	case "retry_hundredths":
		v.RetryHundredths = r.Unsigned(64)
	case "refilled_at_ms":
		v.RefilledAtMs = r.Unsigned(64)
	case "deployments":
		for more := r.Array(); more; more = r.More() {
			v.Deployments = append(v.Deployments, DeploymentState{})
			v.Deployments[len(v.Deployments)-1].read(r)
		}
	case "keys":
		for more := r.Array(); more; more = r.More() {
			v.Keys = append(v.Keys, KeyState{})
			v.Keys[len(v.Keys)-1].read(r)
		}
	default:
		r.Unknown(key, "state_version", "now_ms", "retry_hundredths", "refilled_at_ms", "deployments", "keys")
	}
}

// MarshalJSON writes the document.
func (v ClientSnapshot) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *ClientSnapshot) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}

func (v *CallSnapshot) fields(w *document.Writer) {
	w.Key(`"state_version":`)
	w.Unsigned(uint64(v.StateVersion))
	w.Key(`"running":`)
	w.Open('[')
	for i := range v.Running {
		w.Item()
		w.Unsigned(uint64(v.Running[i]))
	}
	w.Close(']')
	w.Key(`"blobs":`)
	w.Open('[')
	for i := range v.Blobs {
		w.Item()
		w.Text(v.Blobs[i])
	}
	w.Close(']')
	w.Key(`"state":`)
	w.Text(v.State)
}

func (v *CallSnapshot) write(w *document.Writer) {
	w.Open('{')
	v.fields(w)
	w.Close('}')
}

func (v *CallSnapshot) read(r *document.Reader) {
	for more := r.Object(); more; more = r.More() {
		v.member(r, r.Key())
	}
}

func (v *CallSnapshot) member(r *document.Reader, key string) {
	switch key {
	case "state_version":
		v.StateVersion = uint32(r.Unsigned(32))
	case "running":
		for more := r.Array(); more; more = r.More() {
			v.Running = append(v.Running, uint32(r.Unsigned(32)))
		}
	case "blobs":
		for more := r.Array(); more; more = r.More() {
			v.Blobs = append(v.Blobs, r.Text())
		}
	case "state":
		v.State = r.Text()
	default:
		r.Unknown(key, "state_version", "running", "blobs", "state")
	}
}

// MarshalJSON writes the document.
func (v CallSnapshot) MarshalJSON() ([]byte, error) {
	return document.MarshalJSON(v.write)
}

// UnmarshalJSON reads the document. A name it does not know is an error.
func (v *CallSnapshot) UnmarshalJSON(text []byte) error {
	return document.Unmarshal(text, v.read)
}
