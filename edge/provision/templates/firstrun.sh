#!/bin/sh
# Laid down by holdfast-provision image, for a Raspberry Pi OS without cloud-init (that of Debian 12): runs once,
# before anything else, and hands over to holdfast-install.service. Whatever goes wrong, the next start is a usual one.
set -u
boot=${1:-/boot/firmware}
sed -i 's/ systemd\.run[^ ]*//g; s/ systemd\.unit=kernel-command-line\.target//g' "$boot/cmdline.txt"
mkdir -p /etc/systemd/system/multi-user.target.wants
cp "$boot/holdfast/holdfast-install.service" /etc/systemd/system/holdfast-install.service
ln -sf ../holdfast-install.service /etc/systemd/system/multi-user.target.wants/holdfast-install.service
if [ -s "$boot/holdfast/authorized_keys" ]; then
  id installer >/dev/null 2>&1 || useradd --create-home --shell /bin/bash --groups sudo installer
  install -d -m 700 -o installer -g installer /home/installer/.ssh
  install -m 600 -o installer -g installer "$boot/holdfast/authorized_keys" /home/installer/.ssh/authorized_keys
  printf 'installer ALL=(ALL) NOPASSWD:ALL\n' > /etc/sudoers.d/010_installer
  chmod 440 /etc/sudoers.d/010_installer
  mkdir -p /etc/ssh/sshd_config.d
  printf 'PasswordAuthentication no\n' > /etc/ssh/sshd_config.d/holdfast.conf
  systemctl enable ssh
fi
sync
exit 0
