// Prints, as JSON, the fields of Kubernetes' internal types in Go's order, which is how some error messages print objects.
// Run: go run . > ../capture/internal-types.json
package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const version = "v1.37.2"

// The types that messages print; what they contain follows.
var roots = []string{
	"core.PodSpec", "core.PodTemplateSpec", "core.ServicePort", "core.Taint", "core.SecurityContext", "core.ContainerPort",
	"core.PersistentVolumeClaimSpec", "core.PersistentVolumeSource", "core.VolumeNodeAffinity", "core.ScopeSelector",
	"core.NodeAddress", "core.NodeConfigSource", "core.EphemeralContainer", "core.ObjectReference", "core.EventSource",
	"core.PersistentVolumeClaim", "core.PodIP", "core.HostIP",
	"apps.DeploymentStrategy", "apps.DaemonSetUpdateStrategy", "apps.StatefulSetUpdateStrategy",
	"apps.RollingUpdateStatefulSetStrategy",
	"batch.PodFailurePolicy", "batch.SuccessPolicy", "batch.UncountedTerminatedPods", "policy.PodDisruptionBudgetSpec",
}

type field struct {
	// Absent of a type that is embedded.
	Name string `json:"name,omitempty"`
	// See kind.
	Type string `json:"type"`
}

var declared = map[string]ast.Expr{}

// Where the source of Kubernetes lies; it is brought from the module proxy if need be.
func source() string {
	command := exec.Command("go", "mod", "download", "-json", "k8s.io/kubernetes@"+version)
	command.Stderr = os.Stderr
	printed, err := command.Output()
	if err != nil {
		panic(err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(printed, &module); err != nil {
		panic(err)
	}
	return module.Dir
}

func main() {
	root := source()
	for _, name := range []string{"core", "apps", "batch", "policy", "autoscaling"} {
		path := filepath.Join(root, "pkg/apis", name, "types.go")
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			panic(err)
		}
		for _, d := range file.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
				for _, s := range g.Specs {
					t := s.(*ast.TypeSpec)
					declared[name+"."+t.Name.Name] = t.Type
				}
			}
		}
	}
	types := map[string][]field{}
	for _, root := range roots {
		visit(root, types)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(types); err != nil {
		panic(err)
	}
}

func visit(name string, types map[string][]field) {
	if _, done := types[name]; done {
		return
	}
	structure := declared[name].(*ast.StructType)
	pkg, _, _ := strings.Cut(name, ".")
	types[name] = nil
	fields := []field{}
	for _, f := range structure.Fields.List {
		t := kind(pkg, f.Type, types)
		if len(f.Names) == 0 {
			fields = append(fields, field{Type: t})
		}
		for _, n := range f.Names {
			fields = append(fields, field{n.Name, t})
		}
	}
	types[name] = fields
}

// s string, n number, b boolean, m map, * pointer, [ slice, T time, Q quantity, I int or string, J as it is, K kind and version, #name struct.
func kind(pkg string, e ast.Expr, types map[string][]field) string {
	switch t := e.(type) {
	case *ast.StarExpr:
		return "*" + kind(pkg, t.X, types)
	case *ast.ArrayType:
		return "[" + kind(pkg, t.Elt, types)
	case *ast.MapType:
		return "m" + kind(pkg, t.Value, types)
	case *ast.SelectorExpr:
		full := t.X.(*ast.Ident).Name + "." + t.Sel.Name
		if _, known := declared[full]; known {
			return named(full, types)
		}
		if t.X.(*ast.Ident).Name == "api" {
			return named("core."+t.Sel.Name, types)
		}
		switch t.Sel.Name {
		case "TypeMeta":
			return "K"
		case "Time", "MicroTime":
			return "T"
		case "Quantity":
			return "Q"
		case "IntOrString":
			return "I"
		case "UID":
			return "s"
		}
		return "J"
	case *ast.Ident:
		switch t.Name {
		case "string":
			return "s"
		case "bool":
			return "b"
		case "int", "int32", "int64", "uint8", "float64":
			return "n"
		}
		return named(pkg+"."+t.Name, types)
	}
	return "J"
}

func named(full string, types map[string][]field) string {
	declaration, known := declared[full]
	if !known {
		return "J"
	}
	if _, structure := declaration.(*ast.StructType); structure {
		visit(full, types)
		return "#" + full
	}
	pkg, _, _ := strings.Cut(full, ".")
	return kind(pkg, declaration, types)
}
