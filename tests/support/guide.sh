# shellcheck shell=bash
# The world of a guide, for tests/e2e/cli/guides_test.cpp: sourced before the guide's own lines, which name places below
# $ROOT by then. What only a machine of its own can do stands here as a function or a program: the service manager, users,
# packages, names of hosts. REAL_RSYNC, ORIGIN and HERE (two daemons), PROXY and CONF are set by the test.
set -euo pipefail
background=()

fail() {
  echo "guide: $*" >&2
  exit 1
}

# What lasts, as `recentd watch`, goes on beside the rest.
beside() {
  "$@" >>"$ROOT/beside.log" 2>&1 &
  background+=($!)
}

# Waits until a command works.
eventually() {
  local end=$((SECONDS + 240))
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || fail "never came true: $*: $(cat "$ROOT/beside.log" 2>/dev/null)"
    sleep 0.05
  done
}

end_of_guide() {
  local pid code=$?
  for pid in "${background[@]}"; do
    if ! kill -0 "$pid" 2>/dev/null; then
      echo "guide: what was to last has ended: $(cat "$ROOT/beside.log")" >&2
      code=1
    fi
    kill "$pid" 2>/dev/null || true
  done
  wait
  exit $code
}
trap end_of_guide EXIT

# --- users and packages ---

runuser() { shift 3 && "$@"; } # -u recentd --
chown() { :; }
apt() { :; }
journalctl() { :; }
install() {
  local words=()
  while [ $# -gt 0 ]; do
    case $1 in
      -o | -g) shift ;;
      *) words+=("$1") ;;
    esac
    shift
  done
  command install "${words[@]}"
}
ssh-keygen() {
  local key=${!#}
  echo private >"$key"
  echo public >"$key.pub"
}
ssh-keyscan() { echo "a line for ${!#}"; }

# --- the service manager: it runs what the unit says ---

systemd-escape() { # --path PATH
  local name=${2#/}
  name=${name//\//-}
  mkdir -p "$ROOT/units"
  echo "$2" >"$ROOT/units/$name"
  echo "$name"
}

command_of() { # UNIT: the words that its ExecStart says
  local unit=$1 instance='' file line RECENTD_OPTIONS='' environment
  unit=${unit%.timer}
  unit=${unit%.service}
  if [[ $unit == *@* ]]; then
    instance=${unit#*@}
    unit=${unit%%@*}@
  fi
  file=$CONF/$unit.service
  line=$(sed -n 's/^ExecStart=//p' "$file")
  environment=$(sed -n 's/^EnvironmentFile=-\{0,1\}//p' "$file" | sed "s|/etc/recentd|$ROOT/etc/recentd|; s|%i|$instance|")
  # shellcheck disable=SC1090
  if [ -n "$environment" ] && [ -f "$environment" ]; then . "$environment"; fi
  line=${line//\/usr\/bin\/recentd/recentd}
  line=${line//\/etc\/recentd/$ROOT\/etc\/recentd}
  if [ -n "$instance" ]; then line=${line//%f/$(cat "$ROOT/units/$instance")}; fi
  echo "${line//\$RECENTD_OPTIONS/$RECENTD_OPTIONS}"
}

declare -A running=()
systemctl() {
  local unit=${3:-} words
  case "$1 ${2:-}" in
    'enable --now')
      eval "words=($(command_of "$unit"))"
      case $unit in
        *.timer) "${words[@]}" ;;
        *)
          beside "${words[@]}"
          running[$unit]=$!
          ;;
      esac
      ;;
    'disable --now')
      kill "${running[$unit]}"
      wait "${running[$unit]}" || true
      local pid rest=()
      for pid in "${background[@]}"; do [ "$pid" = "${running[$unit]}" ] || rest+=("$pid"); done
      background=("${rest[@]}")
      ;;
    *) : ;;
  esac
}

# --- a web server's check of its configuration, and hosts of the manual ---

nginx() { # -t
  sed -e "s|listen 80;|listen unix:$ROOT/nginx.socket;|" "$ROOT/etc/nginx/sites-enabled/pub" >"$ROOT/site"
  local kind
  {
    printf 'pid %s;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n' "$ROOT/nginx.pid"
    for kind in client_body proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $ROOT/$kind;"; done
    printf 'include %s;\n}\n' "$ROOT/site"
  } >"$ROOT/nginx.conf"
  command nginx -t -q -c "$ROOT/nginx.conf"
}
export http_proxy=$PROXY

mkdir -p "$ROOT/programs" "$ROOT/etc/recentd" "$ROOT/etc/nginx/sites-enabled" "$ROOT/etc/cron.d" "$ROOT/srv/mirror" "$ROOT/var/lib"
cat >"$ROOT/programs/rsync" <<END
#!/bin/bash
words=()
for word; do
  word=\${word//rsync:\/\/origin.example.org\//rsync://$ORIGIN/}
  word=\${word//rsync:\/\/mirror1@origin.example.org\//rsync://mirror1@$ORIGIN/}
  word=\${word//rsync:\/\/cpan-rsync.perl.org\//rsync://$ORIGIN/}
  word=\${word//rsync:\/\/mirror1.example.org\//rsync://$HERE/}
  # The daemon of this machine runs already, on a port of its own.
  case \$word in --daemon) daemon=1 ;; --config=*) file=\${word#*=} ;; esac
  words+=("\$word")
done
if [ -n "\${daemon:-}" ]; then exec grep -q '^\[pub-mirror\]' "\$file"; fi
exec $REAL_RSYNC "\${words[@]}"
END
# The other side of ssh, where a key may read one tree.
cat >"$ROOT/programs/ssh" <<END
#!/bin/bash
while [[ \$1 == -* ]]; do [ "\$1" != -l ] || shift; shift; done
shift
cd $ROOT/upstream/pub && exec bash -c "\$*"
END
chmod +x "$ROOT/programs/rsync" "$ROOT/programs/ssh"
export PATH=$ROOT/bin:$ROOT/programs:$PATH
export XDG_STATE_HOME=$ROOT/state HOME=$ROOT/home
mkdir -p "$HOME"
