// Renders the templates of a chart as Helm does: Go's text/template, sprig, and the functions Helm adds that the chart uses.
// Standard input is {"chart": {…}, "values": {…}, "release": {…}, "templates": {"name": "text"}}; standard output {"name": "text"}.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

type input struct {
	Chart     map[string]interface{} `json:"chart"`
	Values    map[string]interface{} `json:"values"`
	Release   map[string]interface{} `json:"release"`
	Templates map[string]string      `json:"templates"`
}

func main() {
	var in input
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		fail(err)
	}
	all := template.New("chart").Option("missingkey=error")
	all.Funcs(functions(all))
	for name, text := range in.Templates {
		if _, err := all.New(name).Parse(text); err != nil {
			fail(err)
		}
	}
	data := map[string]interface{}{"Chart": in.Chart, "Values": in.Values, "Release": in.Release}
	out := map[string]string{}
	for name := range in.Templates {
		if strings.HasPrefix(name, "_") {
			continue
		}
		var text strings.Builder
		if err := all.ExecuteTemplate(&text, name, data); err != nil {
			fail(err)
		}
		out[name] = text.String()
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		fail(err)
	}
}

func functions(all *template.Template) template.FuncMap {
	funcs := sprig.TxtFuncMap()
	// Helm takes these away: templates see nothing of the machine.
	delete(funcs, "env")
	delete(funcs, "expandenv")
	funcs["include"] = func(name string, data interface{}) (string, error) {
		var text strings.Builder
		err := all.ExecuteTemplate(&text, name, data)
		return text.String(), err
	}
	funcs["toYaml"] = func(value interface{}) (string, error) {
		text, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(text), "\n"), err
	}
	funcs["fromJson"] = func(text string) map[string]interface{} {
		value := map[string]interface{}{}
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			value["Error"] = err.Error()
		}
		return value
	}
	funcs["required"] = func(warning string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, fmt.Errorf("%s", warning)
		}
		return value, nil
	}
	return funcs
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
