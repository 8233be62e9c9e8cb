#!/bin/bash
# Make a ClassifyCloud image of a fresh Debian 12: bash provision.sh SOURCE, as root.
#
# SOURCE is a folder with this repository. What may be set:
#   MODELS    folder of bundles, NAME/VERSION/manifest.json; SOURCE/models when unset, or what ships
#   MODEL     the one of them that answers when a request names none
#   PICTURE, LABEL   what the finished image must say of which picture
#   WHEELS    folder of wheels to take instead of asking PyPI; the lock's hashes are compared either way
# pip and apt read variables of their own. Status 0 means that the image was accepted.
set -euo pipefail

source=$(realpath "${1:?"usage: bash provision.sh SOURCE"}")
home=/opt/classifycloud
python=$home/venv/bin/python
cache=/var/cache/classifycloud
rooms=(wire classifier api worker balancer training local cli bench deploy ami classifycloud)

step() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }

refuse_a_wrong_place() {
    [ "$(id -u)" = 0 ] || { echo "provision.sh needs root" >&2; exit 2; }
    [ -f "$source/requirements/serve.txt" ] || { echo "$source is no copy of the repository" >&2; exit 2; }
    # shellcheck source=/dev/null
    . /etc/os-release
    [ "$ID $VERSION_ID" = "debian 12" ] || { echo "Debian 12 is needed, this is $PRETTY_NAME" >&2; exit 2; }
}

install_packages() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q -o DPkg::Lock::Timeout=300 update
    # What was mended since Debian made its image: instances do not update themselves.
    apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold upgrade
    apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends ca-certificates python3 python3-venv
}

install_wheels() {
    local from=()
    [ -z "${WHEELS:-}" ] || from=(--no-index --find-links "$WHEELS")
    python3 -m venv "$home/venv"
    # Wheels alone: nothing is ever built here. Compiled below, with everything else.
    "$python" -m pip install --disable-pip-version-check --no-cache-dir --no-compile --require-hashes \
        --only-binary :all: "${from[@]}" -r "$source/requirements/serve.txt"
    packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    # No instance installs anything.
    "$python" -m pip uninstall --disable-pip-version-check -q -y setuptools pip
}

install_code() {
    mkdir -p "$home/app/docs"
    local room page
    for room in "${rooms[@]}"; do
        [ ! -d "$source/$room" ] || cp -R "$source/$room" "$home/app/"
    done
    for page in LICENSE docs/image.md; do
        [ ! -f "$source/$page" ] || cp "$source/$page" "$home/app/$page"
    done
    echo "$home/app" >"$packages/classifycloud.pth"
    printf '#!/bin/sh\nexec %s -P -m cli.main "$@"\n' "$python" >/usr/local/bin/classifycloud
    chmod 755 /usr/local/bin/classifycloud
}

# Never compared with their sources again: the system is read-only to services, and a start need not ask.
precompile() {
    find "$home" -name __pycache__ -prune -exec rm -rf {} +
    "$python" -m compileall -q -j 0 --invalidation-mode unchecked-hash "$home/app"
    # Some libraries ship sources of other Pythons, which nobody imports.
    "$python" -m compileall -q -j 0 --invalidation-mode unchecked-hash "$packages" >/dev/null || true
}

install_models() {
    local bundles=$source/classifier/bundled
    [ ! -d "$source/models" ] || bundles=$source/models
    mkdir -p "$home/models"
    cp -R "${MODELS:-$bundles}"/. "$home/models/"
    # The one that ships is found there too: a second copy would never be read.
    rm -rf "$home/app/classifier/bundled"
    ln -s "$home/models" "$home/app/classifier/bundled"
}

write_settings() {
    mkdir -p /etc/classifycloud
    {
        echo "CLASSIFYCLOUD_MODELS=$home/models"
        [ -z "${MODEL:-}" ] || echo "CLASSIFYCLOUD_MODEL=$MODEL"
        echo "CLASSIFYCLOUD_CACHE=$cache"
        echo "CLASSIFYCLOUD_FLEET_DIR=/var/lib/classifycloud/fleet"
    } >/etc/classifycloud/image.env
    (cd "$home/app" && "$python" -P -m ami.names) >/etc/classifycloud/settings.txt
}

install_units() {
    id classifycloud >/dev/null 2>&1 ||
        useradd --system --user-group --home-dir /var/lib/classifycloud --shell /usr/sbin/nologin classifycloud
    install -d -o classifycloud -g classifycloud -m 700 "$cache" /var/lib/classifycloud
    chmod -R u=rwX,go=rX "$home" /etc/classifycloud
    install -m 644 "$source"/ami/units/*.service /etc/systemd/system/
    systemctl enable classifycloud-boot classifycloud-logs classifycloud-worker classifycloud-api classifycloud-balancer \
        classifycloud-queue
}

# As the services do: as their user, with the image's settings and nothing else.
as_service() {
    local settings
    mapfile -t settings </etc/classifycloud/image.env
    (cd "$home/app" && setpriv --reuid classifycloud --regid classifycloud --clear-groups --no-new-privs \
        env -i PATH=/usr/bin:/bin LANG=C.UTF-8 "${settings[@]}" "$python" -P -m "$@")
}

# What a boot need not wait for, and an instance must not do by itself: updates are another image.
quieten() {
    systemctl mask apt-daily.timer apt-daily-upgrade.timer man-db.timer e2scrub_all.timer fstrim.timer
    local each
    for each in unattended-upgrades e2scrub_reap ssh; do
        ! systemctl is-enabled -q "$each" 2>/dev/null || systemctl disable "$each"
    done
    install -d /etc/systemd/journald.conf.d
    printf '[Journal]\nSystemMaxUse=200M\n' >/etc/systemd/journald.conf.d/classifycloud.conf
}

tidy() {
    apt-get -q -y purge python3-venv python3.11-venv python3-pip-whl python3-setuptools-whl >/dev/null
    apt-get clean
    rm -rf /var/lib/apt/lists/* /root/.cache
    # Each instance has its own.
    : >/etc/machine-id
    rm -f /var/lib/dbus/machine-id /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
}

refuse_what_must_not_be_there() {
    local each
    for each in cc gcc g++ clang tcc rustc go make ld as pip; do
        ! command -v "$each" || { echo "the image has $each" >&2; exit 1; }
    done
    for each in tensorflow keras torch jax pip setuptools; do
        ! "$python" -c "import $each" 2>/dev/null || { echo "the image has $each" >&2; exit 1; }
    done
}

refuse_a_wrong_place
step "packages"; install_packages
step "wheels of requirements/serve.txt"; install_wheels
step "code"; install_code
step "precompiled"; precompile
step "models"; install_models
step "settings"; write_settings
step "units"; install_units; quieten
step "compiled networks"; as_service ami.bake --models "$home/models" --cache "$cache"
step "what must not be there"; tidy; refuse_what_must_not_be_there
step "acceptance"
as_service ami.accept --cache "$cache" --picture "${PICTURE:-$home/app/local/samples/coffee.jpg}" --label "${LABEL:-espresso}"
step "done: $(du -sh --exclude=.git $home | cut -f 1) in $home"
