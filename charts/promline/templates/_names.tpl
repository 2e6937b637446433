{{- define "promline.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Of every object in the namespace: two releases do not share one. Room is left for suffixes. */}}
{{- define "promline.fullname" -}}
{{- $name := include "promline.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
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

{{/* The DaemonSet for etcd is of the same release; its pods are other pods. */}}
{{- define "promline.etcdSelector" -}}
app.kubernetes.io/name: {{ include "promline.name" . }}-etcd
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Cluster-wide names: two releases must not share them. */}}
{{- define "promline.clusterName" -}}
{{- printf "%s-%s" .Release.Namespace (include "promline.fullname" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "promline.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "promline.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "promline.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "promline.port" -}}
{{- splitList ":" .Values.datakit.http_listen | last -}}
{{- end -}}
