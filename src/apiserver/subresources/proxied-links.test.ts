import { describe, expect, it } from 'vitest';
import { MAX_LINKED_BYTES, proxiedAnswer, proxiedPage, proxiedUrl } from './proxied-links.ts';

const place = { prefix: '/api/v1/namespaces/d/pods/web/proxy', hosts: ['10.0.0.7:80', 'cluster.example'] };
const P = place.prefix;

describe('a URL', () => {
  it.each([
    ['/style.css', `${P}/style.css`],
    ['/', `${P}/`],
    ['/a/../b//c/?q=1#part', `${P}/b/c/?q=1#part`],
    ['http://10.0.0.7:80/a', `${P}/a`],
    ['//cluster.example/a', `${P}/a`],
    [`${P}/a`, `${P}/a`],
    ['relative/page', 'relative/page'],
    ['https://elsewhere.example/a', 'https://elsewhere.example/a'],
    ['mailto:a@b.example', 'mailto:a@b.example'],
  ])('%s leads to %s', (url, through) => {
    expect(proxiedUrl(url, place)).toBe(through);
  });
});

describe('a page', () => {
  it('has the URLs of its elements through the proxy, and all else as it was', () => {
    const html = '<!DOCTYPE html><body><A HREF=/a?b=1&amp;c=2>x</A> 1 < 2 <img src="/i.png" alt=\'"a>b"\'/><p>/a</p>';
    expect(proxiedPage(html, place)).toBe(
      `<!DOCTYPE html><body><a href="${P}/a?b=1&amp;c=2">x</A> 1 < 2 <img src="${P}/i.png" alt="&#34;a&gt;b&#34;"/><p>/a</p>`,
    );
  });

  it('keeps scripts and comments, in which there are no tags', () => {
    const html = '<script src="/s.js">x = \'<a href="/a">\'</script><!-- <a href="/a"> -->';
    expect(proxiedPage(html, place)).toBe(html.replace('/s.js', `${P}/s.js`));
  });

  it('ends in the midst of a tag as it came', () => {
    expect(proxiedPage('<p>a <a href="/a', place)).toBe('<p>a <a href="/a');
    expect(proxiedPage('<title>never ended <a href="/a">', place)).toBe('<title>never ended <a href="/a">');
  });
});

describe('an answer', () => {
  const answer = (body: string, headers: Record<string, string>) =>
    proxiedAnswer(new Response(body, { headers }), place);
  const link = '<a href="/a">';

  it('is changed where it is a page, and told as long as it is', async () => {
    const changed = await answer(link, { 'content-type': 'text/html; charset=utf-8', 'content-length': '13' });
    expect([await changed.text(), changed.headers.get('content-length')]).toEqual([`<a href="${P}/a">`, null]);
    expect(await (await answer(link, { 'content-type': 'text/plain' })).text()).toBe(link);
    expect(await (await answer(link, { 'content-type': 'text/html', 'content-encoding': 'br' })).text()).toBe(link);
  });

  it('sends on through the proxy', async () => {
    const { headers } = await answer('', { location: '/login' });
    expect(headers.get('location')).toBe(`${P}/login`);
  });

  it('is looked at up to so many bytes, and beyond goes out as it is', async () => {
    const page = async (size: number) => {
      const body = link + ' '.repeat(size - link.length);
      return (await (await answer(body, { 'content-type': 'text/html' })).text()).length;
    };
    expect(await page(MAX_LINKED_BYTES)).toBe(MAX_LINKED_BYTES + P.length);
    expect(await page(MAX_LINKED_BYTES + 1)).toBe(MAX_LINKED_BYTES + 1);
  });
});
