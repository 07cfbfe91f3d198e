package literllm

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/literllm/literllm/go-host/internal/document"
)

// ReadConfig reads a configuration, from a name that ends in .toml or .json. It means the same in every language: names
// are those of [ClientConfig] in snake_case, and the schema is docs/client-config.schema.json. No key stands in it, only the
// names of variables.
//
//	config, err := literllm.ReadConfig("literllm.toml")
//	client, err := literllm.NewClient(literllm.WithConfig(config))
//
// The error has the kind [ErrorKindInvalidRequest] and names the file, the place, and for a name that nobody knows the
// one that was likely meant; when the file cannot be read, errors.Is finds the reason, such as [io/fs.ErrNotExist]. Whether
// values are in range is for the core to say, when [NewClient] makes the client.
func ReadConfig(path string) (ClientConfig, error) {
	var config ClientConfig
	text, err := os.ReadFile(path)
	if err == nil {
		switch strings.ToLower(filepath.Ext(path)) {
		case ".json":
		case ".toml":
			text, err = jsonOfTOML(text)
		default:
			err = errors.New("its name must end in .toml or .json")
		}
	}
	if err == nil {
		err = document.Read(text, config.read)
	}
	if err != nil {
		why := failed(ErrorKindInvalidRequest, err.Error())
		why.cause = err
		return ClientConfig{}, why.about(path)
	}
	return config, nil
}

// about names the file that an error speaks of.
func (e *Error) about(path string) *Error {
	e.Message = fmt.Sprintf("the configuration %s cannot be used: %s", path, e.Message)
	return e
}

func jsonOfTOML(text []byte) ([]byte, error) {
	var table map[string]any
	if err := toml.Unmarshal(text, &table); err != nil {
		return nil, err
	}
	value, err := plain("", table)
	if err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

// plain is a value of TOML in the form of JSON: 4.0 stays no whole number, and what JSON cannot say is refused.
func plain(place string, value any) (any, error) {
	var err error
	switch value := value.(type) {
	case map[string]any:
		for key, item := range value {
			if value[key], err = plain(place+"."+key, item); err != nil {
				return nil, err
			}
		}
	case []map[string]any:
		for i, item := range value {
			if _, err = plain(fmt.Sprintf("%s[%d]", place, i), item); err != nil {
				return nil, err
			}
		}
	case []any:
		for i, item := range value {
			if value[i], err = plain(fmt.Sprintf("%s[%d]", place, i), item); err != nil {
				return nil, err
			}
		}
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return nil, fmt.Errorf("%s is not a number that JSON can hold", place[1:])
		}
		return json.Number(strconv.FormatFloat(value, 'e', -1, 64)), nil
	case time.Time:
		return nil, fmt.Errorf("%s is a date or a time, which nothing here is", place[1:])
	}
	return value, nil
}
