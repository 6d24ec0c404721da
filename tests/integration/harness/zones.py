"""What the servers of the tests and the demo serve. Addresses and names are the documentation's (RFC 5737, RFC 2606)."""

# The whole internet is one zone: any name below probe.example.net exists, so a fresh {random} name always resolves.
INTERNET = """\
$ORIGIN .
$TTL 60
@ SOA ns.example.net. hostmaster.example.net. 1 3600 600 86400 60
@ NS ns.example.net.
ns.example.net. A 127.1.0.1
www.example.net. A 192.0.2.80
www.example.com. A 192.0.2.81
www.example.com. AAAA 2001:db8::81
*.probe.example.net. A 192.0.2.53
*.probe.example.net. AAAA 2001:db8::53
*.probe.example.net. TXT "any name below probe.example.net exists"
many.example.net. A 192.0.2.1
many.example.net. A 192.0.2.2
many.example.net. A 192.0.2.3
alias.example.net. CNAME www.example.net.
"""
# More than fits into a UDP reply of 1232 bytes.
INTERNET += "".join(f'large.example.net. TXT "{number:02d} {"x" * 200}"\n' for number in range(12))

CORP_INSIDE = """\
$ORIGIN corp.example.
$TTL 300
@ SOA ns1 hostmaster 7 3600 600 86400 300
@ NS ns1
ns1 A 127.0.0.1
www A 203.0.113.80
intranet A 10.2.2.1
"""

CORP_OUTSIDE = """\
$ORIGIN corp.example.
$TTL 300
@ SOA ns1 hostmaster 7 3600 600 86400 300
@ NS ns1
ns1 A 127.0.0.1
www A 203.0.113.80
"""
