{{/*
Drop-ins as {"files": {key of the ConfigMap: text}, "items": […]}. Keys are flat; where drop-ins lie in folders, items say at
which path each is mounted. Without folders there are none, so that a drop-in that is added arrives in the pods that run.
*/}}
{{- define "promline.dropIns" -}}
{{- $files := dict -}}
{{- $items := list -}}
{{- $folders := false -}}
{{- range .Values.dkconfig -}}
{{- $path := default .name (get . "path") -}}
{{- if not (regexMatch "\\.(conf|toml)$" $path) -}}
{{- fail (printf "dkconfig: %s is no path of a file: as in DataKit's chart it is the whole path, such as %s/%s" $path (trimSuffix "/" $path) .name) -}}
{{- end -}}
{{- $below := $path | trimPrefix "/usr/local/datakit/conf.d/" | trimPrefix "/etc/promline/conf.d/" | trimPrefix "/" -}}
{{- if or (contains ".." $below) (not (regexMatch "^[-._a-zA-Z0-9/]+$" $below)) -}}
{{- fail (printf "dkconfig: the path %s has .. or characters other than letters, digits, - . _ and /" $path) -}}
{{- end -}}
{{- $key := replace "/" "__" $below -}}
{{- if hasKey $files $key -}}
{{- fail (printf "dkconfig: two drop-ins have the path %s: give one of them another name or path" $path) -}}
{{- end -}}
{{- $_ := set $files $key .value -}}
{{- $items = append $items (dict "key" $key "path" $below) -}}
{{- $folders = or $folders (contains "/" $below) -}}
{{- end -}}
{{- toJson (dict "files" $files "items" ($folders | ternary $items list)) -}}
{{- end -}}
