{{/* The Secret with DataWay's address; empty where points go elsewhere. An existing one goes by the names of DataKit's chart too. */}}
{{- define "promline.secret" -}}
{{- if .Values.datakit.dataway_secret -}}
{{- .Values.datakit.dataway_secret -}}
{{- else if .Values.datakit.dataway_secret_enabled -}}
{{- required "datakit.dataway_secret_enabled needs datakit.dataway_secret_name" .Values.datakit.dataway_secret_name -}}
{{- else if .Values.datakit.dataway_url -}}
{{- printf "%s-dataway" (include "promline.fullname" .) -}}
{{- end -}}
{{- end -}}

{{/* Fails where nothing says where points go, and where a placeholder does. */}}
{{- define "promline.checkDataway" -}}
{{- $elsewhere := or .Values.envFrom (regexMatch "(?m)^\\s*\\[+(dataway|destinations)\\]" .Values.settings) -}}
{{- range .Values.extraEnvs -}}
{{- if eq .name "ENV_DATAWAY" -}}
{{- $elsewhere = true -}}
{{- end -}}
{{- end -}}
{{- if not (or (include "promline.secret" .) $elsewhere) -}}
{{- fail "datakit.dataway_url is needed, or datakit.dataway_secret: the address of DataWay with the token of your workspace" -}}
{{- end -}}
{{- if regexMatch "(?i)token=(tkn_)?(<|%3c|\\$|replace|change|your|x{3,}|&|,|$)" .Values.datakit.dataway_url -}}
{{- fail "the token in datakit.dataway_url is a placeholder: put the token of your workspace in its place" -}}
{{- end -}}
{{- end -}}

{{/* Mounted, not a variable: a token that changes in the Secret is found while the agent runs. */}}
{{- define "promline.datawayVolume" -}}
- name: dataway
  secret:
    secretName: {{ include "promline.secret" . }}
    defaultMode: 288 # 0440: YAML's parsers disagree on octals
    items:
      - { key: {{ .Values.datakit.dataway_secret_key }}, path: {{ .Values.datakit.dataway_secret_key }} }
{{- end -}}
