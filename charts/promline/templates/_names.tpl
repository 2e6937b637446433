{{- define "promline.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "promline.selector" -}}
app.kubernetes.io/name: {{ include "promline.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "promline.labels" -}}
{{ include "promline.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/* Cluster-wide names: two releases must not share them. */}}
{{- define "promline.clusterName" -}}
{{- printf "%s-%s-%s" .Release.Namespace .Release.Name (include "promline.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "promline.secret" -}}
{{- default (printf "%s-dataway" (include "promline.name" .)) .Values.datakit.dataway_secret -}}
{{- end -}}

{{- define "promline.image" -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}

{{- define "promline.port" -}}
{{- splitList ":" .Values.datakit.http_listen | last -}}
{{- end -}}

{{/*
promline.toml. What the chart has values for comes first; the user's own text follows, and must not open [kubernetes] again where
events are on.
*/}}
{{- define "promline.settings" -}}
{{- if .Values.kubernetes.events -}}
[kubernetes]
events = true
{{ end -}}
{{- .Values.settings -}}
{{- end -}}
