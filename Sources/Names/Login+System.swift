extension Login {
    /// Whether systems make accounts of this name by themselves, for programs or for whoever runs the machine. Only an admin
    /// gives such a login to a person.
    public var isOfSystem: Bool {
        isRoot || text.hasPrefix("_") || text.hasPrefix("systemd-") || text.hasPrefix("reeve-")
            || Self.ofSystems.contains(text)
    }

    /// Of Debian's base-passwd and usual packages, of other distributions, of cloud images, and usual for deployments.
    private static let ofSystems: Set<String> = Set(
        """
        daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody adm operator halt \
        shutdown ftp messagebus sshd dbus polkitd avahi ntp chrony tss uuidd tcpdump syslog postfix dovecot bind named \
        unbound exim dnsmasq openldap slapd mysql mariadb postgres redis memcache mongodb rabbitmq elasticsearch \
        kibana grafana prometheus influxdb zabbix nagios icinga nginx apache apache2 httpd http tomcat haproxy squid \
        varnish jenkins gitlab-runner gitlab git svn docker containerd podman libvirt-qemu kvm vault consul nomad etcd \
        kube puppet chef salt ansible terraform rundeck admin administrator sysadmin sudo wheel staff toor debian \
        ubuntu ec2-user centos fedora rocky almalinux redhat rhel opc oracle azureuser cloud-user cloud_user core \
        vagrant pi alpine arch suse opensuse freebsd bitnami deploy deployer service services support guest test user \
        keyreeve reeve
        """.split(separator: " ").map(String.init))
}
