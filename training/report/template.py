"""The page. Jinja escapes whatever it is filled with: names of classes and files are other people's."""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>{{ title }}: training report</title><style>{{ style }}</style></head><body>
<h1>{{ title }}</h1>
<p class="lead">{{ lead }}</p>
{% for said in figures.warnings %}<p class="warn" role="note"><b>Over-fitting.</b> {{ said }}</p>
{% endfor %}{% for said in remarks %}<p class="warn">{{ said }}</p>
{% endfor %}<ul class="tiles">
{% for name, value in tiles %}<li><b>{{ value }}</b>{{ name }}</li>{% endfor %}</ul>

<h2>Curves</h2>
<p class="note">Training figures are means over an epoch's pictures, as augmented, each taken before the step
that learned from it; validation figures are the network's at the epoch's end.</p>
{{ curves }}

<h2>What is taken for what</h2>
{% if matrix %}{{ matrix }}{% endif %}
{% if pairs %}<div class="scroll"><table><thead><tr><th>this</th><th>was said to be</th>
<th class="n">pictures</th><th class="n">of its</th></tr></thead><tbody>
{% for pair in pairs %}<tr><td>{{ figures.names[pair.true] }}</td>
<td>{{ figures.names[pair.said] }}</td><td class="n">{{ pair.count }}</td>
<td class="n">{{ pair.share|percent }}</td></tr>
{% endfor %}</tbody></table></div>{% else %}<p>Nothing: every validation picture was right.</p>{% endif %}

<h2>Classes</h2>
<p class="note">Precision: of what was said to be the class, the share that is. Recall: of its pictures, the
share that was found. A click on a heading sorts.</p>
<div class="scroll"><table><thead><tr><th><button>class</button></th>
<th class="n"><button>pictures</button></th>
<th class="n"><button>precision</button></th><th class="n"><button>recall</button></th>
<th><button>most often taken for</button></th></tr></thead><tbody>
{% for row in figures.classes %}<tr><td data-key="{{ row.name }}">{{ row.name }}</td>
<td class="n" data-key="{{ row.pictures }}">{{ row.pictures }}</td>
<td class="n" data-key="{{ row.precision|key }}">{{ row.precision|percent }}</td>
<td class="n" data-key="{{ row.recall|key }}">{{ row.recall|percent }}</td>
<td data-key="{{ row.taken_for or '' }}">{{ row.taken_for or "-" }}</td></tr>
{% endfor %}</tbody></table></div>

<h2>The worst errors</h2>
{% if album %}<p class="note">Wrong, and surest of it; in the pixels that the network was given.</p>
<ul class="album">{% for each in album %}<li><img src="{{ each.image }}" alt="{{ each.file }}" loading="lazy">
<b class="said">{{ each.said }}</b> {{ each.surety|percent }}<br>is <b class="true">{{ each.true }}</b>,
{{ each.given|percent }}<br><span>{{ each.file }}</span></li>
{% endfor %}</ul>{% else %}<p>None.</p>{% endif %}

<h2>Time</h2>
<p>{{ time }}</p>
{{ bars }}

<h2>How it was made</h2>
<table><tbody>{% for name, value in made %}<tr><td>{{ name }}</td><td><code>{{ value }}</code></td></tr>
{% endfor %}</tbody></table>
<p class="note">Over-fitting is warned of where the validation loss ends {{ rules.rise|percent }} or
more above its lowest, {{ rules.lasting }} epochs or more after it, while the training loss fell further;
and where, in the epoch that is kept, top-1 on training pictures is {{ rules.gap }} points or more above
that on validation pictures.</p>
<script>{{ sort }}</script></body></html>
"""
